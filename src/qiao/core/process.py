"""What a process is: a file of data (house rule 2), checked when it is loaded.

A file in ``qiao/kinds`` builds one :class:`Kind` and registers it. Nothing here knows any particular process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.utils.functional import Promise as Lazy

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from qiao.core.models import Act, Case, Organisation, Paper, Party, Person, Publication, Seat, Version
    from qiao.core.rulebook import Rulebook

Text = str | Lazy
LIVE = frozenset(["confirmed", "invited"])  # states of a party that takes part
OWNER = "owner"  # in Who.of and Verb.tell: the organisation that owns the call


class ProcessError(ValueError):
    """A kind file contradicts itself. Raised at import, with every fault found."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A place where a case can stand. ``end`` stages close it; ``private`` ones are seen by its persons only."""

    code: str
    label: Text
    end: bool = False
    private: bool = False


@dataclass(frozen=True, kw_only=True)
class Who:
    """Who may do a verb. Give ``role`` and ``of`` for seats, ``party`` for persons, or ``timer``.

    ``role``: the seat's role; ``of``: the party role of the seat's organisation, or :data:`OWNER`.
    ``party``: the person takes part in the case under this role (confirmed, or invited with ``invited=True``).
    """

    label: Text
    role: str = ""
    of: str = ""
    party: str = ""
    invited: bool = False
    timer: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that a verb asks for. ``kind``: text, long, date, choice, multi, person, organisation,
    organisations, flag, case, number, json. ``choices``: pairs, the name of a rulebook vocabulary, or what gives the
    pairs of a case.
    ``initial``: what a form offers, and what counts where nothing is said. ``hidden``: computed, never asked.
    ``among``: of kind person, those that a form offers. ``suggest``: of kind case, those that it shows first.
    """

    code: str
    label: Text
    kind: str = "text"
    required: bool = True
    choices: tuple[tuple[str, Text], ...] | str | Callable[[Context], Iterable[tuple[str, Text]]] = ()
    help: Text = ""
    initial: Callable[[Context], Any] | None = None
    hidden: bool = False
    among: Callable[[Context], QuerySet[Person]] | None = None
    suggest: Callable[[Context], Sequence[Suggested]] | None = None


@dataclass(frozen=True)
class Suggested:
    """A case that a form shows first, and what speaks for it."""

    case: Case
    note: str


@dataclass(frozen=True)
class Problem:
    """One reason why not: a code for programs, a sentence for people."""

    code: str
    text: Text
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.text) % self.params if self.params else str(self.text)


Check = Callable[["Context"], Iterable[Problem]]
Effect = Callable[["Context"], None]


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What a verb does to a clock: start, pause, resume, extend, restart or stop it.

    ``until``: name of the act's data field with the new last day (extend only).
    """

    clock: str
    event: str
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A deadline of a kind. ``legal`` and ``internal`` name clock rules of the rulebook."""

    code: str
    label: Text
    legal: str = ""
    internal: str = ""
    fixed: str = ""  # instead: the due day stands in this data field of the act that starts or extends it


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a sign-off chain. ``need``: all, any, or a number of organisations or persons."""

    verb: str
    label: Text
    need: str | int = "any"


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Who signs a paper, in this order. Signatures count for the current version only: an edit voids them."""

    paper: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """A named act. Everything that a case can undergo is one of these.

    ``source``: stages where it may be done; ``target``: stage after it, empty to stay.
    ``paper``: it files a new version of that paper; ``on``: it speaks about that paper's current version.
    ``needs``: what must be on file; ``effects``: what follows in the same transaction.
    ``duty``: somebody owes it while the case stands in ``source`` (and ``owed`` agrees).
    ``once``: at most one per party and round.
    ``link``: it may be done from an e-mail link; ``tell``: party roles that get a notice; ``mail``: also e-mail.
    """

    code: str
    label: Text
    who: tuple[Who, ...]
    source: tuple[str, ...] = ()
    target: str = ""
    fields: tuple[Field, ...] = ()
    reason: bool = False
    paper: str = ""
    on: str = ""
    needs: tuple[Check, ...] = ()
    effects: tuple[Effect, ...] = ()
    ticks: tuple[Tick, ...] = ()
    duty: bool = False
    owed: Callable[[Context], bool] | None = None
    once: bool = False
    link: bool = False
    tell: tuple[str, ...] = ()
    mail: bool = False
    tone: str = "quiet"
    help: Text = ""
    public: bool = False
    page: str = ""  # a surface may have a richer page for it than the generated form


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A process: stages, verbs, chains, clocks. A running case finishes under the version it began with."""

    code: str
    version: int
    label: Text
    stages: tuple[Stage, ...]
    verbs: tuple[Verb, ...]
    chains: tuple[Chain, ...] = ()
    clocks: tuple[Clock, ...] = ()
    party_labels: Mapping[str, Text] = field(default_factory=dict)
    paper_labels: Mapping[str, Text] = field(default_factory=dict)
    call_label: Text = ""  # what its call is to people, where it is no session
    owner_label: Text = ""  # what the call's owner is to people, where it does not assign
    supervisors: tuple[str, ...] = ()  # roles at the call's owner that see every case but private ones
    money: bool = False  # its cases carry money, which their pages show
    text_of: Callable[[str, dict[str, Any]], str] | None = None  # (paper kind, content) → plain text
    fits: Callable[[Context, str, Mapping[str, Any]], Iterable[Problem]] | None = (
        None  # what is wrong with a content
    )

    @property
    def start(self) -> Stage:
        return self.stages[0]

    @property
    def main_paper(self) -> str:
        """The paper that the case is about, the first that its file names; search reads its current text."""
        return next(iter(self.paper_labels), "")

    def stage(self, code: str) -> Stage:
        return next(s for s in self.stages if s.code == code)

    def verb(self, code: str) -> Verb | None:
        return next((v for v in self.verbs if v.code == code), None)

    def clock(self, code: str) -> Clock:
        return next(c for c in self.clocks if c.code == code)

    def chain_of(self, verb: str) -> tuple[Chain, int] | None:
        """The chain and step number that ``verb`` signs, if it is a sign-off verb."""
        for chain in self.chains:
            for i, step in enumerate(chain.steps):
                if step.verb == verb:
                    return chain, i
        return None

    def verbs_from(self, stage: str) -> list[Verb]:
        return [v for v in self.verbs if stage in v.source]

    def check(self) -> list[str]:
        """Every fault of this kind as a sentence; empty if it is sound."""
        faults: list[str] = []
        stages = [s.code for s in self.stages]
        faults += [f"stage {c} is there twice" for c in {c for c in stages if stages.count(c) > 1}]
        codes = [v.code for v in self.verbs]
        faults += [f"verb {c} is there twice" for c in {c for c in codes if codes.count(c) > 1}]
        clocks = {c.code for c in self.clocks}
        for verb in self.verbs:
            for code in (*verb.source, *([verb.target] if verb.target else [])):
                if code not in stages:
                    faults.append(f"verb {verb.code} names the unknown stage {code}")
            if not verb.who:
                faults.append(f"verb {verb.code} has nobody who may do it")
            for who in verb.who:
                if not (who.timer or who.party or (who.role and who.of)):
                    faults.append(f"verb {verb.code}: a Who needs a party, a role with of, or timer")
            if not verb.source:
                faults.append(f"verb {verb.code} is allowed from no stage")
            faults += [
                f"verb {verb.code} ticks the unknown clock {t.clock}"
                for t in verb.ticks
                if t.clock not in clocks
            ]
            if (
                any(self_stage.end for self_stage in self.stages if self_stage.code in verb.source)
                and verb.target
            ):
                faults.append(f"verb {verb.code} leads out of an end stage")
        for chain in self.chains:
            for step in chain.steps:
                if (v := self.verb(step.verb)) is None:
                    faults.append(f"chain of {chain.paper} names the unknown verb {step.verb}")
                elif v.on != chain.paper:
                    faults.append(f"verb {step.verb} signs {chain.paper} but is about {v.on or 'nothing'}")
        if faults:
            return faults
        reach = self._closure({self.start.code}, forward=True)
        faults += [f"stage {s} cannot be reached" for s in stages if s not in reach]
        ends = {s.code for s in self.stages if s.end}
        if not ends:
            faults.append("no stage ends the process")
        can_end = self._closure(ends, forward=False)
        faults += [f"stage {s} can never end" for s in stages if s not in can_end]
        for stage in self.stages:
            if not stage.end and not self.verbs_from(stage.code):
                faults.append(f"nothing can be done at stage {stage.code}")
        return faults

    def _closure(self, seen: set[str], *, forward: bool) -> set[str]:
        edges = [(s, v.target) for v in self.verbs for s in v.source if v.target]
        seen = set(seen)
        while True:
            more = {b if forward else a for a, b in edges if (a if forward else b) in seen} - seen
            if not more:
                return seen
            seen |= more


_kinds: dict[tuple[str, int], Kind] = {}


def register(kind: Kind) -> Kind:
    """Check ``kind`` and make it known. Raises :class:`ProcessError` naming every fault."""
    if faults := kind.check():
        raise ProcessError(f"{kind.code} v{kind.version}: " + "; ".join(faults))
    _kinds[(kind.code, kind.version)] = kind
    return kind


def kind_of(code: str, version: int | None = None) -> Kind:
    """The kind under ``code``: that version, or the newest. Raises ``KeyError`` for an unknown one."""
    if version is None:
        version = max(v for c, v in _kinds if c == code)
    return _kinds[(code, version)]


def every_kind() -> list[Kind]:
    """Every version of every kind that is known."""
    return list(_kinds.values())


def kinds() -> list[Kind]:
    """The newest version of every kind, in the order of registration."""
    newest: dict[str, Kind] = {}
    for (code, _version), kind in _kinds.items():
        if code not in newest or newest[code].version < kind.version:
            newest[code] = kind
    return list(newest.values())


@dataclass
class Context:
    """What checks and effects get to see: the case, who acts, what was said, and when."""

    case: Case
    kind: Kind
    verb: Verb
    by: Seat | None
    at: dt.datetime
    data: dict[str, Any]
    reason: str
    rulebook: Rulebook
    version: Version | None = None
    act: Act | None = None
    cleaned: dict[str, Any] = field(default_factory=dict)
    cache: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        from qiao.core.clocks import local_date  # noqa: PLC0415 (circular import)

        return local_date(self.at)

    def parties(self, *roles: str) -> list[Party]:
        """Live parties of the case (confirmed or invited), optionally of these roles only."""
        if "parties" not in self.cache:
            self.cache["parties"] = [p for p in self.case.parties.all() if p.state in LIVE]
        live: list[Party] = self.cache["parties"]
        return [p for p in live if not roles or p.role in roles]

    def organisations(self, role: str) -> list[Organisation]:
        """Organisations under a party role; :data:`OWNER` is the one that owns the call."""
        if role == OWNER:
            return [self.case.call.owner]
        found = [p for p in self.parties(role) if p.organisation_id is not None]
        prefetch_related_objects(found, "organisation")
        return [p.organisation for p in found if p.organisation is not None]

    def organisation_ids(self, role: str) -> list[int]:
        """Primary keys of :meth:`organisations`, without reading them."""
        if role == OWNER:
            return [self.case.call.owner_id]
        return [p.organisation_id for p in self.parties(role) if p.organisation_id is not None]

    def persons(self, role: str) -> list[Person]:
        found = [p for p in self.parties(role) if p.person_id is not None]
        prefetch_related_objects(found, "person")
        return [p.person for p in found if p.person is not None]

    def acts(self) -> list[Act]:
        """The acts so far, oldest first, with the seats that acted."""
        if "acts" not in self.cache:
            acts = self.case.acts.select_related("by").order_by()  # a database sorts a handful no faster
            self.cache["acts"] = sorted(acts, key=lambda a: a.seq)
        found: list[Act] = self.cache["acts"]
        return found

    def acts_this_round(self, *verbs: str) -> list[Act]:
        """Acts since the case last came to its present stage from another one."""
        acts = self.acts()
        since = 0
        for i, a in enumerate(acts):
            if a.from_stage != a.to_stage and a.to_stage == self.case.stage:
                since = i + 1
        return [a for a in acts[since:] if not verbs or a.verb in verbs]

    def paper(self, kind: str) -> Paper | None:
        return next((p for p in self.papers() if p.kind == kind), None)

    def papers(self) -> list[Paper]:
        if "papers" not in self.cache:
            self.cache["papers"] = list(self.case.papers.all())
        found: list[Paper] = self.cache["papers"]
        return found

    def publications(self) -> list[Publication]:
        """What of this case is public now."""
        if "publications" not in self.cache:
            self.cache["publications"] = list(self.case.publications.filter(end__isnull=True))
        found: list[Publication] = self.cache["publications"]
        return found

    def current(self, kind: str) -> Version | None:
        """The newest version of a paper of this case."""
        key = f"version:{kind}"
        if key not in self.cache:
            paper = self.paper(kind)
            self.cache[key] = paper.versions.order_by("-n").first() if paper else None
        version: Version | None = self.cache[key]
        return version

    def forget(self) -> None:
        """Drop what was read before the act changed it."""
        self.cache.clear()
