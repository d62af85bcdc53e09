"""What the answers look like; the OpenAPI description is drawn from these."""

from __future__ import annotations

import datetime as dt
from typing import Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field

Item = TypeVar("Item")


class Paging(Schema):
    """Which part of a list."""

    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class ReplyFilter(Paging):
    q: str = Field(default="", max_length=100)
    session: str = Field(default="", max_length=12, description="code of a session")
    unit: str = Field(default="", max_length=12, description="code of a unit")
    result: str = Field(default="", max_length=40, description="code of a result class")
    year: int | None = Field(default=None, ge=1900, le=9998, description="year of publication")


class PromiseFilter(Paging):
    state: str = Field(
        default="",
        max_length=40,
        description="on_time, due_soon, late, very_late, overdue, open, done or changed",
    )
    unit: str = Field(default="", max_length=12)
    session: str = Field(default="", max_length=12)


class SearchFilter(Paging):
    q: str = Field(min_length=1, max_length=100)


class CaseFilter(Paging):
    kind: str = Field(default="", max_length=40)
    stage: str = Field(default="", max_length=40)
    open: bool | None = None


class VersionFilter(Schema):
    n: int | None = Field(default=None, ge=1, le=100_000)


class Page(Schema, Generic[Item]):
    """One page of a list. ``limit`` is 100 at most."""

    total: int
    limit: int
    offset: int
    items: list[Item]


class Reason(Schema):
    """One reason why not: a code for programs, a sentence for people."""

    code: str
    message: str


class Error(Schema):
    """What went wrong. ``message`` is in the language that the caller asked for."""

    code: str
    message: str
    reasons: list[Reason] = []
    errors: dict[str, list[str]] = {}


class Named(Schema):
    code: str
    name: str


class Titled(Schema):
    code: str
    title: str


class Labelled(Schema):
    code: str
    label: str


class Publication(Schema):
    """A published reply in a list."""

    slug: str
    code: str = Field(description="verification code")
    url: str
    title: str
    number: str
    instrument: str
    session: Titled
    unit: Named
    result: Labelled
    result_after_tracking: str | None
    publicity: Labelled
    published_on: dt.date
    signed_at: str | None


class Promise(Schema):
    """A promise of a published reply."""

    code: str
    url: str
    text: str
    unit: Named
    measure: str
    due: dt.date | None
    first_due: dt.date | None
    carried_over: int
    state: str
    percent: int | None
    last_report: str
    last_report_at: str | None
    closed_on: dt.date | None
    reply: str
    number: str
    session: Titled


class InTime(Schema):
    due: dt.date | None
    done_on: dt.date | None
    state: str
    source: str
    source_confirmed: bool


class Revision(Schema):
    display: str
    revision: int


class Citation(Schema):
    """A figure of the letter as its source stood at signature."""

    id: str
    text: str
    indicator: str
    name: str
    definition: str
    display: str
    number: str
    qualifier: str
    unit: str
    start: dt.date | None
    end: dt.date | None
    source: str
    revision: int
    revised_since: Revision | None


class Digests(Schema):
    signed_version: str
    public_copy: str


class Other(Schema):
    url: str
    published_on: dt.date
    withdrawn_on: dt.date | None


class Reply(Publication):
    """A published reply with everything that its page shows."""

    format: str
    result_date: str | None
    result_reason: str | None
    basis: str
    publicity_reason: str | None
    redactions: list[str]
    answered: InTime | None
    publication: InTime | None
    letter: dict[str, Any] = Field(description="the public copy, as qiao.letters writes it")
    citations: list[Citation]
    promises: list[Promise]
    history: dict[str, list[dict[str, Any]]] = Field(description="case code → acts; see docs/history.md")
    digests: Digests
    daily_roots: list[str]
    verify: str
    others: list[Other]


class CallOut(Schema):
    """A session or another standing invitation."""

    code: str
    kind: str
    kind_label: str
    title: str
    text: str
    owner: Named
    start: dt.date
    end: dt.date | None
    published_replies: int


class Stage(Schema):
    code: str
    label: str
    end: bool


class FieldOut(Schema):
    code: str
    label: str
    kind: str
    required: bool


class VerbOut(Schema):
    code: str
    label: str
    source: list[str]
    target: str | None
    who: list[str]
    fields: list[FieldOut]
    reason: bool
    paper: str | None
    on: str | None
    public: bool


class ClockOut(Schema):
    code: str
    label: str
    rule: str
    internal: bool
    amount: int
    unit: str
    day_of_year: str | None
    source: str
    confirmed: bool


class Rules(Schema):
    """Deadlines of a process under one rulebook."""

    rulebook: str
    title: str
    clocks: list[ClockOut]


class KindOut(Schema):
    """A process as data."""

    code: str
    version: int
    label: str
    stages: list[Stage]
    verbs: list[VerbOut]
    rules: list[Rules]


class Hit(Schema):
    kind: str
    code: str
    title: str
    url: str | None
    published_on: dt.date | None


class CaseOut(Schema):
    """A case that one may see, in a list."""

    code: str
    kind: str
    kind_label: str
    number: str
    title: str
    stage: Labelled
    unit: Named | None
    call: Titled
    due_legal: dt.date | None
    due_internal: dt.date | None
    lateness: str
    moved_at: dt.datetime
    closed_at: dt.datetime | None


class ActOut(Schema):
    """An act as those see it who may see its case."""

    seq: int
    verb: str
    label: str
    at: dt.datetime
    by: str | None
    organisation: str | None
    from_stage: str
    to_stage: str
    reason: str
    data: dict[str, Any]
    version: str | None = Field(description="digest of the version that the act is about")
    hash: str
    redacted: bool


class OptionOut(Schema):
    """A verb that one might do now, or why not."""

    verb: str
    label: str
    allowed: bool
    seat: int | None
    reasons: list[Reason]
    fields: list[FieldOut]
    needs_reason: bool
    paper: str | None


class PaperOut(Schema):
    code: str
    kind: str
    title: str
    version: int
    digest: str
    at: dt.datetime


class PaperContent(PaperOut):
    content: dict[str, Any]
    text: str
    redacted: bool


class CaseDetail(CaseOut):
    parent: str | None
    children: list[CaseOut]
    papers: list[PaperOut]
    acts: list[ActOut]
    options: list[OptionOut]


class ActIn(Schema):
    """What to do. ``seen``: digest of the version that one has read; a signature on any other is refused."""

    verb: str = Field(max_length=40)
    data: dict[str, Any] = {}
    reason: str = Field(default="", max_length=5000)
    content: dict[str, Any] | None = None
    seen: str = Field(default="", max_length=64)
    seat: int | None = Field(default=None, description="with which seat; default: the first that may")


class Done(Schema):
    act: ActOut
    case: CaseOut


class TaskOut(Schema):
    verb: str
    label: str
    case: CaseOut
    due: dt.date | None
    since: dt.datetime


class SeatOut(Schema):
    id: int
    organisation: Named
    role: str
    label: str


class Me(Schema):
    name: str
    seats: list[SeatOut]
    csrf_token: str = Field(description="send it back in the header X-CSRFToken with every POST")


# --- policies ---------------------------------------------------------------------------------------------------

FIRST_RULES = dt.date(2011, 1, 1)  # no policy that ships is older
LAST_RULES = dt.date(2100, 1, 1)


class PolicyFilter(Paging):
    on: dt.date | None = Field(
        default=None, ge=FIRST_RULES, le=LAST_RULES, description="the day of the rules; default today"
    )
    kind: str = Field(default="", max_length=20, description="recognition, subsidy, tax or classification")


class OnDay(Schema):
    on: dt.date | None = Field(default=None, ge=FIRST_RULES, le=LAST_RULES)


class PolicyOut(Schema):
    """A version of a policy. ``evidence``: V text seen, S secondary sources agree, D derived, M to be confirmed."""

    id: str
    title: str
    kind: str
    issuer: str
    number: str
    document: str
    url: str | None
    start: dt.date
    until: dt.date | None
    evidence: str
    to_be_confirmed: bool
    clauses: int


class ClauseOut(Schema):
    id: str
    text: str
    cite: str
    evidence: str
    scope: bool
    judged_by_a_person: bool
    condition: str | None = Field(description="the expression, as docs/write-a-policy.md explains it")


class BenefitOut(Schema):
    kind: str
    label: str
    cite: str


class FactOut(Schema):
    """A fact that a policy asks for; ``name`` is how to send it."""

    name: str
    label: str
    type: str
    question: str
    where: str


class PolicyDetail(PolicyOut):
    note: str
    conditions: list[ClauseOut]
    benefits: list[BenefitOut]
    facts: list[FactOut]
    versions: list[PolicyOut]


class JudgeIn(Schema):
    """Facts as people write them: amounts in yuan or with their unit; ``revenue@2025``, ``founded``."""

    facts: dict[str, str | bool | int | float | None] = Field(max_length=400)
    on: dt.date | None = Field(default=None, ge=FIRST_RULES, le=LAST_RULES)
    policies: list[str] = Field(default=[], max_length=300, description="ids; default all in force")


class TestOut(Schema):
    truth: str
    text: str
    gap: str | None


class JudgedClause(Schema):
    id: str
    text: str
    cite: str
    to_be_confirmed: bool
    truth: str = Field(description="yes, unknown or no")
    needed: bool = Field(description="whether the verdict hangs on it as things are")
    tests: list[TestOut]


class JudgedItem(Schema):
    label: str
    low: int
    high: int
    most: int
    next: str | None


class JudgedScore(Schema):
    label: str
    low: int
    high: int
    most: int
    items: list[JudgedItem]


class Advice(Schema):
    text: str
    changeable: str


class JudgedPolicy(Schema):
    """One policy for one firm.

    ``state``: class, yes, judged (only a department's judgement is open), nearly, open, no or outside.
    """

    id: str
    title: str
    start: dt.date
    verdict: str
    state: str
    klass: str | None
    clauses: list[JudgedClause]
    scores: list[JudgedScore]
    gaps: list[str]
    advice: list[Advice]
    missing: list[str] = Field(description="names of facts that are open")
    to_judge: list[str]
    benefits: list[str]


class QuestionOut(Schema):
    name: str
    text: str
    policies: list[str]


class Judgement(Schema):
    as_of: dt.date
    policies: list[JudgedPolicy]
    questions: list[QuestionOut] = Field(description="what to ask next, what settles most first")
