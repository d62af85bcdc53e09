"""The house holds its rules; and each check is shown to find what it looks for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import locks, messages
from tests.unit.house import rules


def house(folder: Path, files: dict[str, str]) -> Path:
    """A small house in ``folder``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def none(breaches: list[str]) -> None:
    if breaches:
        pytest.fail(f"{len(breaches)} breaches:\n" + "\n".join(breaches), pytrace=False)


def catalogue(folder: Path, text: str) -> None:
    path = folder / messages.CATALOGUE
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + text)


def test_only_kinds_know_the_processes() -> None:
    none(rules.kind_comparisons(rules.SOURCE))


@pytest.mark.parametrize(
    "line",
    [
        "case.kind == 'proposal'",
        "case.kind == PROPOSAL",
        "case.kind_code != 'proposal'",
        "case.kind in ('proposal', 'visit')",
        "task.case.kind.code == 'proposal'",
        "kind == 'proposal'",
        "paper.kind == 'proposal'",
        "'proposal' == kind",
        "child_case.kind not in {'visit'}",
    ],
)
def test_asking_for_the_kind_is_found(tmp_path: Path, line: str) -> None:
    kinds = "PROPOSAL = 'proposal'\nK = Kind(code=PROPOSAL, version=1)\nV = Kind(code='visit', version=1)\n"
    source = house(
        tmp_path,
        {"kinds/proposal.py": kinds + f"x = {line}", "desk/views.py": f"def f(case):\n    return {line}\n"},
    )
    assert rules.kind_comparisons(source) == ["desk/views.py:2: asks for the kind of a case"]


def test_asking_for_the_kind_is_found_in_match_and_templates(tmp_path: Path) -> None:
    source = house(
        tmp_path,
        {
            "kinds/proposal.py": "K = Kind(code='proposal')",
            "desk/views.py": "match case.kind:\n    case 'proposal':\n        pass\n",
            "desk/templates/case.html": "<p>\n{% if case.kind == 'proposal' %}x{% endif %}",
        },
    )
    assert len(rules.kind_comparisons(source)) == 2


def test_other_kinds_may_be_compared(tmp_path: Path) -> None:
    source = house(
        tmp_path,
        {
            "kinds/proposal.py": "K = Kind(code='proposal')",
            "core/forms.py": "def f(field, case, other, paper, kind):\n"
            "    return field.kind == 'date', case.kind == other.kind, paper.kind == kind, case.kind == kind\n",
            "letters/model.py": "def f(kind):\n    return kind == 'proposal'\n",
            "desk/templates/form.html": "{% if field.kind == 'date' %}x{% endif %}",
        },
    )
    assert rules.kind_comparisons(source) == []


def test_templates_hold_no_inline_code() -> None:
    none(rules.inline_code(rules.SOURCE))


@pytest.mark.parametrize(
    "line",
    [
        "<p style='color: red'>x</p>",
        '<p class="a" {% if x > 1 %}style="color: red"{% endif %}>x</p>',
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<script type="module">import "x"</script>',
        '<a href="#" onclick="go()">x</a>',
        "<a ONCLICK=go()>x</a>",
        '<a href="javascript:go()">x</a>',
        '<button hx-on:click="go()">x</button>',
        '<button hx-on--after-request="go()">x</button>',
    ],
)
def test_inline_code_is_found(tmp_path: Path, line: str) -> None:
    source = house(tmp_path, {"desk/templates/page.html": f"<main>\n{line}\n</main>"})
    found = rules.inline_code(source)
    assert len(found) == 1
    assert found[0].startswith("desk/templates/page.html:2: ")


def test_clean_templates_pass(tmp_path: Path) -> None:
    clean = """{% comment %}<p style="x">{% endcomment %}{# <p onclick="x"> #}<!-- <style> -->
    <script src="{% static 'a.js' %}" defer></script><script type="application/json">{"a": 1}</script>
    <p class="{% if a > b %}one{% endif %}" data-on="x" hx-get="{% url 'x' %}">one = on="x" {{ a|default:"<" }}</p>"""
    assert rules.inline_code(house(tmp_path, {"desk/templates/page.html": clean})) == []


def test_no_text_in_function_bodies() -> None:
    none(rules.text_in_bodies(rules.SOURCE))


@pytest.mark.parametrize(
    "text", ["return '已办结'", "return f'{x}件'", "return _('已办结')", "g = lambda: '已办结'"]
)
def test_text_in_a_body_is_found(tmp_path: Path, text: str) -> None:
    source = house(tmp_path, {"core/act.py": f'def f(x):\n    """说明。"""\n    # 注释\n    {text}\n'})
    found = rules.text_in_bodies(source)
    assert len(found) == 1
    assert found[0].startswith("core/act.py:4: ")


def test_text_may_stand_where_it_belongs(tmp_path: Path) -> None:
    body = "def f():\n    return '已办结'\n"
    source = house(
        tmp_path,
        {
            "core/phrases.py": body,
            "kinds/proposal.py": body,
            "demo/district.py": body,
            "letters/reading/numerals.py": body,
            "core/models.py": "LABEL = _('已办结')\n\nclass C:\n    label = _('事项')\n",
        },
    )
    assert rules.text_in_bodies(source) == []


def test_every_text_is_chinese_and_has_english() -> None:
    none(rules.untranslated(rules.SOURCE))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core/phrases.py", "A = _('没有英文')"),
        ("core/phrases.py", "A = pgettext_lazy('stage', '没有英文')"),
        ("core/phrases.py", "A = ngettext('没有英文', '没有英文', 2)"),
        ("core/phrases.py", "A = _('是模糊的')"),
        ("core/phrases.py", "A = _('是空的')"),
        ("core/phrases.py", "A = _('共%(n)s件')"),
        ("core/phrases.py", "A = _('Only English')"),
        ("desk/templates/a.html", "{% translate '没有英文' %}"),
        ("desk/templates/a.html", "{{ _('没有英文') }}"),
        (
            "desk/templates/a.html",
            "{% blocktranslate trimmed %}\n 没有{{ x }}英文\n{% endblocktranslate %}",
        ),
        (
            "desk/templates/a.html",
            "{% blocktranslate count n=n %}一件{% plural %}几件{% endblocktranslate %}",
        ),
        ("desk/templates/a.html", "<p>100%</p>{% include 'x' with title=_('没有英文') %}"),
    ],
)
def test_a_text_without_english_is_found(tmp_path: Path, file: str, text: str) -> None:
    catalogue(
        tmp_path,
        'msgid "好"\nmsgstr "Good"\n\n#, fuzzy\nmsgid "是模糊的"\nmsgstr "Vague"\n\nmsgid "是空的"\nmsgstr ""\n\n'
        'msgid "共%(n)s件"\nmsgstr "%(count)s cases"\n\nmsgid "Only English"\nmsgstr "Only English"\n',
    )
    source = house(tmp_path, {"core/fine.py": "A = _('好')", file: text})
    found = rules.untranslated(source)
    assert len(found) == 1, found


def test_a_complete_catalogue_passes(tmp_path: Path) -> None:
    source = house(
        tmp_path,
        {
            "core/phrases.py": "A = _('共%(n)s件' '，完。')\nB = pgettext('stage', '办')\n",
            "desk/templates/a.html": "{% blocktranslate trimmed %}\n 没有{{ x }}，100%\n{% endblocktranslate %}"
            "{% translate '好' %}",
        },
    )
    assert len(rules.untranslated(source)) == 4
    assert messages.write_catalogue(source) == (4, 0, 4)
    path = source / messages.CATALOGUE
    path.write_text(
        path.read_text().replace('msgstr ""', 'msgstr "Fine"').replace('msgstr "Fine"', 'msgstr ""', 1)
    )
    assert rules.untranslated(source) == []
    assert messages.write_catalogue(source) == (0, 0, 0)
    (source / "desk/templates/a.html").unlink()
    assert messages.write_catalogue(source) == (0, 2, 0)


def test_english_that_waits_is_taken_in(tmp_path: Path) -> None:
    source = house(
        tmp_path,
        {
            "core/phrases.py": "A = _('第一行\\n第二行')\nB = ngettext('%(n)s件', '%(n)s件', n)\nC = _('未译')\n",
            "locale/incoming/a.tsv": "第一行\\n第二行\tOne\\nTwo\n%(n)s件\t%(n)s case\t%(n)s cases\n未译\t\n",
        },
    )
    assert messages.write_catalogue(source) == (3, 0, 1)
    none(rules.untranslated(source)[:-1])
    assert messages.taken_in(source) == []  # one text of it still waits
    (source / "locale/incoming/b.tsv").write_text("第一行\\n第二行\tOne\\nTwo\n不再有的文字\tGone\n")
    assert messages.taken_in(source) == ["b.tsv"]


def test_a_computed_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(messages.NotLiteral, match=r"core/x\.py:1"):
        messages.messages(house(tmp_path, {"core/x.py": "A = _(f'共{n}件')"}))


def test_pure_rooms_are_declared(tmp_path: Path) -> None:
    none(rules.undeclared_rooms(rules.SOURCE, rules.ROOT / ".importlinter"))
    source = house(tmp_path, {"provenance/__init__.py": ""})
    assert rules.undeclared_rooms(source, rules.ROOT / ".importlinter") != []


def test_imports_that_go_upwards_are_found(tmp_path: Path) -> None:
    """The real contracts, on a house of empty rooms, with one wrong import at a time."""
    rooms = (
        "core",
        "kinds",
        "desk",
        "portal",
        "api",
        "demo",
        "timekeeping",
        "letters",
        "eligibility",
        "matching",
    )
    modules = [f"{room}/__init__.py" for room in rooms] + [
        "settings.py",
        "urls.py",
        "warm.py",
        "files.py",
        "asgi.py",
        "cli/__init__.py",
    ]

    def lint(name: str, files: dict[str, str]) -> int:
        root = tmp_path / name
        house(root / "qiao", {"__init__.py": "", **dict.fromkeys(modules, ""), **files})
        shutil.copy(rules.ROOT / ".importlinter", root)
        command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
        return subprocess.run(
            command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, check=False
        ).returncode

    right = {
        "desk/views.py": "import qiao.kinds, qiao.core, qiao.letters",
        "core/__init__.py": "import django",
    }
    assert lint("right", right) == 0
    assert lint("up", {"core/__init__.py": "import qiao.kinds"}) != 0
    assert lint("sideways", {"desk/__init__.py": "import qiao.portal"}) != 0
    assert lint("pure", {"letters/__init__.py": "import django"}) != 0
    assert lint("apart", {"letters/__init__.py": "import qiao.timekeeping"}) != 0
    assert lint("stray", {"newroom/__init__.py": ""}) != 0


def test_locks_match_the_project() -> None:
    assert locks.disagreements(rules.ROOT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"django>=5.2,<5.3"', '"django>=99"'),
        ('"babel>=2.14"', '"babel>=2.14", "flask"'),
        ('  "typst>=0.13",\n', ""),
    ],
)
def test_locks_that_do_not_match_are_found(tmp_path: Path, old: str, new: str) -> None:
    for name in ("pyproject.toml", locks.RUNTIME, locks.DEVELOPMENT, locks.SPARK):
        shutil.copy(rules.ROOT / name, tmp_path)
    text = (tmp_path / "pyproject.toml").read_text()
    assert old in text
    (tmp_path / "pyproject.toml").write_text(text.replace(old, new))
    assert locks.disagreements(tmp_path)
