"""The concepts (docs/concepts.md) as tables. One module per neighbourhood; import everything from here."""

from qiao.core.models.calls import Call, Case, Link, Party
from qiao.core.models.history import Act, DailyRoot
from qiao.core.models.indicators import Indicator, Value
from qiao.core.models.notices import Follow, KnownPolicy, Mail, Notice, Refusal, Task
from qiao.core.models.papers import Paper, Publication, Version
from qiao.core.models.people import Fact, HolidayOverride, Organisation, OrganisationName, Person, Seat, User
from qiao.core.models.search import SearchEntry
from qiao.core.models.shared import Money, Review, Slot

__all__ = [
    "Act",
    "Call",
    "Case",
    "DailyRoot",
    "Fact",
    "Follow",
    "HolidayOverride",
    "Indicator",
    "KnownPolicy",
    "Link",
    "Mail",
    "Money",
    "Notice",
    "Organisation",
    "OrganisationName",
    "Paper",
    "Party",
    "Person",
    "Publication",
    "Refusal",
    "Review",
    "SearchEntry",
    "Seat",
    "Slot",
    "Task",
    "User",
    "Value",
    "Version",
]
