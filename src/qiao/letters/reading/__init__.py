"""The way back: from a file to the data of a letter or a proposal, and marks for a person to check.

`extract_text` makes lines of a file; `read_reply` and `read_proposal` make data of the text; the `find_…`
functions and `rank_similar` suggest what a person should look at. Nothing here decides anything.
"""

from __future__ import annotations

from qiao.letters.reading.errors import Lines, Notice, ReadingError
from qiao.letters.reading.extract import DEFAULT_MAX_BYTES, Extracted, extract_text
from qiao.letters.reading.marks import (
    FigureMark,
    Measure,
    PersonalMark,
    PromiseMark,
    find_figures,
    find_personal,
    find_promises,
)
from qiao.letters.reading.phrases import say
from qiao.letters.reading.proposal import ProposalPart, ProposalReading, read_proposal
from qiao.letters.reading.reply import Found, Part, ReplyReading, letter_text
from qiao.letters.reading.reply_reader import read_reply
from qiao.letters.reading.similar import Similar, rank_similar, similarity
from qiao.letters.reading.wishes import Wishes

__all__ = [
    "DEFAULT_MAX_BYTES",
    "Extracted",
    "FigureMark",
    "Found",
    "Lines",
    "Measure",
    "Notice",
    "Part",
    "PersonalMark",
    "PromiseMark",
    "ProposalPart",
    "ProposalReading",
    "ReadingError",
    "ReplyReading",
    "Similar",
    "Wishes",
    "extract_text",
    "find_figures",
    "find_personal",
    "find_promises",
    "letter_text",
    "rank_similar",
    "read_proposal",
    "read_reply",
    "say",
    "similarity",
]
