"""Policies as data: who qualifies for what, why, what is missing, and what would change it.

    library = Library.load(Path("policies"))
    plan = library.plan(dt.date(2026, 6, 1))            # what is in force that day
    firm = library.facts({"revenue": "3000 万元", "staff": 80}, plan.as_of)
    judged = Walker(plan).judge(firm)
    judged.verdict("cn/tech-sme")                       # Truth.NO, UNKNOWN or YES
    Explainer(plan).explain(judged, "cn/tech-sme").lines("zh")

One firm is walked (`Walker`), many are run through columns (`Kernel`); both give the same answer for every clause.
How vocabulary and packs are written: docs/write-a-policy.md. A pure library: no database, no web framework.
"""

from .columns import Kernel, Results
from .exact import Ref
from .explain import Changes, Explainer, Explanation, Gap, Question
from .library import Library
from .pack import Pack
from .plan import Plan, Policy
from .problems import PackError, Problem
from .proof import Outcome, check, run_tests
from .table import FactTable, OutOfBounds
from .truth import Truth
from .vocabulary import BadValue, Fact, Vocabulary
from .walk import Judged, Walker

__all__ = [
    "BadValue",
    "Changes",
    "Explainer",
    "Explanation",
    "Fact",
    "FactTable",
    "Gap",
    "Judged",
    "Kernel",
    "Library",
    "OutOfBounds",
    "Outcome",
    "Pack",
    "PackError",
    "Plan",
    "Policy",
    "Problem",
    "Question",
    "Ref",
    "Results",
    "Truth",
    "Vocabulary",
    "Walker",
    "check",
    "run_tests",
]
