"""The ``qiao`` command. Every command is a function in a module of this package; here is the list of them.

What they print is in the language of the terminal (``QIAO_LANGUAGE``, else ``LANG``; Chinese if neither says English).
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from qiao import __version__

from . import accounts, history, meetings, papers, policies, running, sample


def _group(help_text: str) -> typer.Typer:
    return typer.Typer(help=help_text, no_args_is_help=True)


app = typer.Typer(
    name="qiao",
    help="桥：创新区运行平台。  Qiao: the operating platform of an innovation district.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"qiao {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="版本  print the version")
    ] = False,
) -> None:
    """What stands before a command."""


app.command()(running.setup)
app.command()(running.serve)
app.command()(running.tick)
app.command()(sample.demo)
app.command("import")(papers.import_proposal)
app.command()(papers.letter)
app.command()(policies.check)
app.command()(policies.explain)
app.command()(policies.simulate)

verify_app = _group("核验。  Verify.")
verify_app.command("history")(history.verify_history)
app.add_typer(verify_app, name="verify")

user_app = _group("账号。  Accounts.")
user_app.command("create")(accounts.create_user)
user_app.command("password")(accounts.set_password)
app.add_typer(user_app, name="user")

packs_app = _group("政策文件。  Policies as data.")
packs_app.command("check")(policies.packs_check)
packs_app.command("test")(policies.packs_test)
packs_app.command("list")(policies.packs_list)
packs_app.command("draft")(policies.packs_draft)
app.add_typer(packs_app, name="packs")

meetings_app = _group("对接会的会面桌次。  Meeting tables of a salon.")
meetings_app.command("example")(meetings.meetings_example)
meetings_app.command("plan")(meetings.meetings_plan)
app.add_typer(meetings_app, name="meetings")


def main() -> None:
    """The ``qiao`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
