"""The trade's synonyms, as the engine takes them (glossary.yaml), and what accepted matches suggest to add."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from qiao.matching import Glossary

FILE = Path(__file__).with_name("glossary.yaml")


@cache
def glossary() -> Glossary:
    return Glossary(yaml.safe_load(FILE.read_text("utf-8")))
