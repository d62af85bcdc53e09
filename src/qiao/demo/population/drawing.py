"""One firm or investor, drawn from the seed and its number alone: the same on every machine, in any order. No database.

Distributions are skewed as those of real firms are: revenue is log-normal within its group of industries, staff and
research follow from it, and part of what could be known is not stated or said to be unknown. Amounts are whole fen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from qiao.demo.population.plan import WAN, YUAN, Allocation, Scale, fen, rank, spread, told

UNKNOWN: Final = object()  # stated, as unknown
Stated = tuple[str, int | None, Any]  # key, fiscal year or None, value as it is kept or UNKNOWN

# GB 32100-2015: weights 3^i mod 31 over this alphabet, then a check character.
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# No district has the division 310199, so that no code that begins like this is anybody's.
NOWHERE: Final = {"firm": "91310199", "fund": "93310199"}
CODE_ALPHABET: Final = "23456789bcdfghjkmnpqrstvwxyz"

FICTION: Final = "（虚构）"
BEGIN: Final = dt.date(1990, 1, 1)  # nobody is older
SINCE: Final = dt.date(2024, 1, 1)  # from when on what is not of a year counts
COMPLETE: Final = (0.97, 0.82, 0.5)  # how much firms state that state nearly all, most, half of what is asked
LEAST_TAX: Final = 1000  # part of every weight, so that nobody who pays tax is given none


def uscc(kind: str, number: int) -> str:
    """A unified social credit code with the right check character, of a division that does not exist."""
    body = ""
    for _ in range(9):
        number, digit = divmod(number, 31)
        body = ALPHABET[digit] + body
    code = NOWHERE[kind] + body
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + ALPHABET[-total % 31]


def number_of(code: str) -> int:
    """The number a code of `uscc` was made from."""
    number = 0
    for char in code[8:17]:
        number = number * 31 + ALPHABET.index(char)
    return number


def public_code(seed: int, kind: str, number: int) -> str:
    """The public identifier of an organisation: 12 characters, the same for the same seed."""
    rest = int.from_bytes(hashlib.sha256(f"{seed}:{kind}:{number}".encode()).digest()[:8])
    out = ""
    for _ in range(12):
        rest, digit = divmod(rest, len(CODE_ALPHABET))
        out += CODE_ALPHABET[digit]
    return out


@cache
def _syllables() -> tuple[str, ...]:
    return tuple(told()["syllables"].split())


def brand(number: int) -> str:
    """Made-up names, each once: two syllables for the first 4096, then three, then four."""
    parts = _syllables()
    many, length = len(parts), 2
    while number >= many**length:
        number -= many**length
        length += 1
    mixed = (number * 2731 + 17) % many**length  # 2731 shares no factor with 64: every number comes once
    name = ""
    for _ in range(length):
        mixed, digit = divmod(mixed, many)
        name += parts[digit]
    return name


@dataclass(frozen=True)
class Group:
    """Firms of related industries."""

    key: str
    revenue: float  # fen
    spread: float
    head: float  # fen of revenue per head
    rd: float
    rd_staff: float
    industries: tuple[tuple[str, ...], tuple[int, ...]]
    trades: tuple[str, ...]
    works: tuple[str, ...]


@cache
def groups() -> dict[str, Group]:
    return {
        key: Group(
            key, fen(one["revenue"]), one["spread"], fen(one["head"]), one["rd"], one["rd_staff"],
            _choices(one["industries"]), tuple(one["trades"]), tuple(one["works"]),
        )
        for key, one in told()["groups"].items()
    }  # fmt: skip


@cache
def _shares() -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    return {
        "all": _choices({key: one["share"] for key, one in told()["groups"].items()}),
        "metaverse": _choices(told()["metaverse"]),
        "platform": _choices(told()["platform"]),
    }


@cache
def software() -> tuple[str, ...]:
    return tuple(told()["software"])


def _choices(parts: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    total, sums = 0, []
    for part in parts.values():
        total += part
        sums.append(total)
    return tuple(parts), tuple(sums)


def _pick(dice: random.Random, choices: tuple[tuple[str, ...], tuple[int, ...]]) -> str:
    names, sums = choices
    at = dice.random() * sums[-1]
    return next(name for name, upto in zip(names, sums, strict=True) if at < upto)


@dataclass(frozen=True)
class Firm:
    """What the totals need to know of a firm; the rest is drawn when it is written.

    ``revenue``: fen, of the reply's year. The weights say in which proportion it takes part in a total.
    """

    number: int
    group: Group
    industry: str
    founded: dt.date
    revenue: int
    tax_weight: int
    tax_before_weight: int
    revenue_before_weight: int  # only firms of software and information services
    member: bool
    metaverse: bool
    platform: str  # "", "large" (above the threshold), "small"
    agent: bool
    dice: random.Random = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"示例{brand(self.number)}{self.trade}有限公司{FICTION}"

    @property
    def short_name(self) -> str:
        return f"{brand(self.number)}{self.trade}{FICTION}"

    @property
    def trade(self) -> str:
        return self.group.trades[self.number % len(self.group.trades)]


def firm(scale: Scale, number: int) -> Firm:
    """The firm with a number, from 0."""
    dice = random.Random(f"{scale.seed}:{number}")  # noqa: S311 (sample data)
    of = scale.firms
    listed = scale.members - scale.institutes
    member = spread(number, listed, of)
    metaverse = member and spread(rank(number, listed, of), scale.metaverse, listed)
    trading = scale.platforms + scale.small_platforms
    platform = ""
    if spread(of - 1 - number, trading, of):
        large = spread(rank(of - 1 - number, trading, of), scale.platforms, trading)
        platform = "large" if large else "small"
    drawn = _pick(dice, _shares()["metaverse" if metaverse else "all"])
    group = groups()["commerce" if platform else drawn]
    industry = _pick(dice, _shares()["platform"] if platform else group.industries)
    age = int(min(dice.expovariate(1 / 3200), (dt.date(scale.year, 12, 1) - BEGIN).days))
    founded = dt.date(scale.year, 12, 1) - dt.timedelta(days=age)
    revenue = max(5 * WAN, int(group.revenue * math.exp(dice.gauss(0, group.spread))))
    if platform == "large":
        revenue = max(revenue, 3000 * WAN)
    revenue -= revenue % (100 * YUAN)
    tax = int(revenue * 0.07 * math.exp(dice.gauss(0, 0.5))) + LEAST_TAX * YUAN
    old = founded.year < scale.year
    growth = math.exp(dice.gauss(0.1, 0.35))
    weight = int(revenue / math.exp(dice.gauss(0.3, 0.4)))
    is_software = industry[:2] in software()
    return Firm(
        number, group, industry, founded, revenue, tax, int(tax / growth) if old else 0,
        weight if old and is_software else 0, member, metaverse, platform,
        spread(number, scale.capped("agents"), of), dice,
    )  # fmt: skip


@dataclass
class Sums:
    """What all weights come to, and where they stand before the first firm that is still to be written."""

    tax: int = 0
    tax_before: int = 0
    software: int = 0  # fen: revenue of the reply's year of firms that were there the year before
    revenue_before: int = 0

    def add(self, one: Firm) -> None:
        self.tax += one.tax_weight
        self.tax_before += one.tax_before_weight
        self.software += one.revenue if one.revenue_before_weight else 0
        self.revenue_before += one.revenue_before_weight


@dataclass(frozen=True)
class Shares:
    """The three totals as they are shared out firm by firm."""

    tax: Allocation
    tax_before: Allocation
    revenue_before: Allocation

    @classmethod
    def of(cls, scale: Scale, whole: Sums, before: Sums) -> Shares:
        growth = 100 + int(scale.reply["software_growth"])
        return cls(
            Allocation(scale.amount("tax"), whole.tax, before.tax),
            Allocation(scale.amount("tax_before"), whole.tax_before, before.tax_before),
            Allocation(whole.software * 100 // growth, whole.revenue_before, before.revenue_before),
        )


def _around(dice: random.Random, value: float, sigma: float) -> float:
    return value * math.exp(dice.gauss(0, sigma))


def _rounded(amount: float) -> int:
    """Fen, as firms state amounts: full 100 yuan."""
    return int(amount) // (100 * YUAN) * (100 * YUAN)


def facts_of(one: Firm, shares: Shares, scale: Scale, last: int) -> list[Stated]:
    """Everything the firm states. ``last``: the last fiscal year that has ended."""
    dice, group, year = one.dice, one.group, scale.year
    complete = COMPLETE[0 if one.agent or (at := dice.random()) < 0.35 else 1 if at < 0.8 else 2]
    out: list[Stated] = [
        (key, None, True)
        for key in ("in_mainland", "legal_person", "in_shanghai", "in_changning", "taxed_in_changning")
    ]
    out += [("digital_economy", None, True), ("industry", None, one.industry)]
    out += [("founded", None, one.founded.isoformat()), ("tax_paid", year, shares.tax.share(one.tax_weight))]
    before = shares.tax_before.share(one.tax_before_weight)
    revenue = {year: one.revenue}
    if one.founded.year < year:
        out.append(("tax_paid", year - 1, before))
        earlier = shares.revenue_before.share(one.revenue_before_weight)
        revenue[year - 1] = earlier or _rounded(one.revenue / _around(dice, 1.09, 0.25))
    for later in range(year + 1, last + 1):
        revenue[later] = _rounded(revenue[later - 1] * _around(dice, 1.06, 0.22)) + 100 * YUAN
    wanted = sorted({year - 1, year, last - 1, last} & set(revenue))
    out += [("revenue", y, revenue[y]) for y in wanted]
    if one.platform:
        threshold = fen(str(scale.reply["threshold"]))
        turnover = _around(dice, 6.0, 1.1) if one.platform == "large" else 0.9 * dice.random() + 0.02
        value = int(turnover * threshold)
        out.append(("platform_turnover", year, max(value, threshold) if one.platform == "large" else value))
    if one.member:
        joined = BEGIN.replace(year=2004) + dt.timedelta(days=int(dice.random() * 7000))
        out.append(("multimedia_member_since", None, max(joined, one.founded).isoformat()))
    if one.member or group.key == "media":
        out.append(("metaverse_business", None, one.metaverse or (not one.member and dice.random() < 0.3)))
    out += [s for s in _details(one, revenue, last) if dice.random() < complete]
    return [
        (key, y, UNKNOWN) if key in MAY_BE_UNKNOWN and dice.random() < 0.05 else (key, y, value)
        for key, y, value in out
    ]


MAY_BE_UNKNOWN: Final = frozenset(
    ["rd_staff", "rd_expense", "class1_ip", "class2_ip", "college_staff", "segment_years", "high_tech_until"]
)


def _details(one: Firm, revenue: dict[int, int], last: int) -> Iterator[Stated]:
    """What a firm may leave out."""
    dice, group = one.dice, one.group
    staff = max(2, int(_around(dice, revenue[last] / group.head, 0.45)))
    research = min(staff - 1, int(staff * min(0.85, _around(dice, group.rd_staff, 0.5))))
    college = min(staff, research + int((staff - research) * (0.35 + 0.5 * dice.random())))
    yield "staff", last, staff
    yield "staff", last - 1, max(1, int(staff / _around(dice, 1.05, 0.15)))
    yield "rd_staff", last, research
    yield "tech_staff", last, min(staff, int(research * (1 + 0.3 * dice.random())))
    yield "college_staff", last, college
    for year in (last, last - 1):
        part = min(0.6, _around(dice, group.rd, 0.7))
        yield "rd_expense", year, _rounded(revenue[year] * part)
    assets = _around(dice, revenue[last] * 0.9, 0.5)
    yield "assets", last, _rounded(assets)
    yield "liabilities", last, _rounded(assets * min(0.97, 0.15 + 0.5 * dice.random()))
    yield "audit_collection", None, dice.random() < 0.93
    yield "class1_ip", None, int(dice.expovariate(1 / (0.05 * research + 0.1)))
    yield "class2_ip", None, int(dice.expovariate(1 / (0.2 * research + 1)))
    yield "segment_years", None, min(last - one.founded.year, 1 + int(dice.expovariate(1 / 6)))
    high_tech = research >= 5 and dice.random() < 0.4
    until = dt.date(last + 1, 12, 31) + dt.timedelta(days=365 * dice.randrange(3))
    yield "high_tech_until", None, until.isoformat() if high_tech else "none"
    yield "listed", None, revenue[last] > 50_000 * WAN and dice.random() < 0.1
    yield "abnormal_list", None, dice.random() < 0.012
    yield "dishonest_list", None, dice.random() < 0.003
    yield "prohibited_products", None, False
    yield "serious_incident_3y", None, (incident := dice.random() < 0.002)
    yield "serious_incident_2y", None, incident and dice.random() < 0.7
    for year in (last, last - 1):
        yield "main_revenue", year, _rounded(revenue[year] * (0.7 + 0.3 * dice.random()))
    yield "tech_sme_until", None, f"{last + 1}-12-31" if research >= 2 and dice.random() < 0.2 else "none"


@dataclass(frozen=True)
class Fund:
    number: int
    name: str
    short_name: str
    facts: tuple[Stated, ...]


def fund(scale: Scale, number: int) -> Fund:
    """An investor with what it looks for: stages, fields, smallest and largest ticket (fen)."""
    dice = random.Random(f"{scale.seed}:fund:{number}")  # noqa: S311 (sample data)
    said = told()["funds"]
    first = tuple(said["stages"])[number % len(said["stages"])]
    stages = {first} | ({said["next"][first]} if dice.random() < 0.5 else set())
    size, low, high = (int(_around(dice, n, 0.35)) for n in said["stages"][first])
    works = sorted({t for g in groups().values() for t in g.works})
    fields = set(dice.sample(works, dice.randint(1, 4)))
    name = brand(number * 7 + 3)
    founded = dt.date(2006, 1, 1) + dt.timedelta(days=dice.randrange(6500))
    out: list[Stated] = [
        ("founded", None, founded.isoformat()), ("in_shanghai", None, True),
        ("fund_size", None, size * WAN), ("ticket_low", None, low * WAN),
        ("ticket_high", None, max(low, high) * WAN),
    ]  # fmt: skip
    out += [(f"invests_{s}", None, s in stages) for s in said["stages"]]
    out += [(f"invests_{t}", None, t in fields) for t in works]
    form = said["forms"][dice.randrange(len(said["forms"]))]
    return Fund(number, f"示例{name}{form}{FICTION}", f"{name}资本{FICTION}", tuple(out))
