"""One file per process. Loading them checks every graph (``qiao.core.process.Kind.check``)."""

from importlib import import_module

FILES = (
    "proposal",
    "handling",
    "opinion",
    "commitment",
    "application",
    "objection",
    "shelf",
    "scenario",
    "joint",
)


def load() -> None:
    """Import every kind file; a faulty one stops the start with all its faults named."""
    for name in FILES:
        import_module(f"qiao.kinds.{name}")
