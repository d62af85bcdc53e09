"""Marks for a person to check in an official text: the figures it claims, what it promises, whom it names."""

from __future__ import annotations

from qiao.letters.reading.figures import FigureMark, find_figures
from qiao.letters.reading.personal import PersonalMark, find_personal
from qiao.letters.reading.promises import Measure, PromiseMark, find_promises

__all__ = [
    "FigureMark",
    "Measure",
    "PersonalMark",
    "PromiseMark",
    "find_figures",
    "find_personal",
    "find_promises",
]
