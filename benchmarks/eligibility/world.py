"""Synthetic policies, written as packs, and synthetic firms, as Arrow columns. Seeded; nothing in them is real.

The first 24 policies are modelled on the measures that districts publish: size classes, score tables, ratios, bands,
code lists, windows over years, dates, routes that stand for each other. Further ones are their siblings with other
thresholds, as the same measure has in another district or year.
"""

# ruff: noqa: E501  (policies are read as lines of a table)

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from qiao.eligibility import Library, Plan
from qiao.eligibility.packfile import read_pack
from qiao.eligibility.vocabulary import Vocabulary, to_day

from . import AS_OF, ROOT

Pick = Callable[..., str]
UNKNOWN = 0.08  # of all facts
CLEAN = ("clean", "not abnormal_list and not dishonest_list")
SAFE = ("safe", "not serious_incident_2y")
HERE = ("here", "in_shanghai or in_changning")
BOOKS = ("books", "audit_collection and in_mainland")


def _bands(tail: str, of: str, *steps: tuple[str, int]) -> str:
    """One item of a score: ``of`` a ratio, or with ``tail`` an amount, in falling bands."""
    bands = ", ".join(f'">= {line}{tail}": {points}' for line, points in steps)
    return f'of: "{of}", bands: {{{bands}, else: 0}}'


def _policy(number: int, p: Pick) -> tuple[list[tuple[str, str]], list[tuple[str, int, str]], str, str]:
    """(clauses, items of a score, tables and lists, what qualifies) of one of the 24."""
    rd = "rd_expense / revenue"
    rd_item = ("rd", 50, "best_of: [{" + _bands("%", rd, (p(6, 7), 50), (p(5, 4), 40), (3, 20), (2, 10)) + "}, {"
               + _bands("%", "rd_expense / cost_and_expense", (30, 50), (20, 30), (10, 10)) + "}]")  # fmt: skip
    people = (
        "staff",
        20,
        _bands("%", "tech_staff / staff", (30, 20), (p(25, 22), 16), (20, 12), (p(10, 15), 4)),
    )
    ip = (
        "ip",
        30,
        "cases: {class1_ip >= 1: 30, class2_ip >= 4: 24, class2_ip >= 2: 12, class2_ip >= 1: 6, else: 0}",
    )
    growth = (
        "growth",
        20,
        _bands("%", "mean_growth(2, revenue)", (p(35, 30), 20), (25, 15), (15, 10), (5, 5)),
    )
    lines = """
tables:
  lines:
    by: industry
    columns: {staff: count, revenue: money}
    rows:
      - {codes: [C], zh: 工业, en: Industry, staff: 300, revenue: 2000 万元}
      - {codes: [F], zh: 批发零售, en: Trade, staff: 50, revenue: 500 万元}
      - {codes: [I], zh: 软件信息, en: Software, staff: 100, revenue: 1000 万元}
      - {codes: [L, M], zh: 服务, en: Services, staff: 100, revenue: 800 万元}
"""
    digital = 'lists: {digital: {of: gbt4754, codes: ["39", "63", "64", "65"]}}'
    excluded = (
        'lists: {excluded: {of: gbt4754, codes: ["16", "51", "52", "61", "62", "70", "71", "72", "90"]}}'
    )
    match number:
        case 0:  # technology SME
            return [CLEAN, SAFE, BOOKS, ("size", f"staff <= {p(500, 400, 300)} and revenue <= {p(2, 1, 4)} 亿元 and assets <= 2 亿元"),
                    ("industry", "not industry in excluded"), ("enough", f"score(s) >= {p(60, 55, 65, 70)} and score(s.staff) > 0"),
                    ("direct", "own_rd_body or class1_ip >= 3 or high_tech_until >= today")], [people, rd_item, ip], excluded, \
                   "clean and safe and books and size and industry and (enough or direct)"  # fmt: skip
        case 1:  # high-tech enterprise
            return [CLEAN, SAFE, BOOKS, ("age", "age(founded) >= 365 天"), ("ip", "class1_ip >= 1 or class2_ip >= 6"),
                    ("staff", f"tech_staff / staff >= {p(10, 8, 12)}%"),
                    ("rd", f"(revenue <= 5000 万元 and sum(3, rd_expense) / sum(3, revenue) >= {p(5, 4)}%) or (revenue <= 2 亿元 and sum(3, rd_expense) / sum(3, revenue) >= 4%) or sum(3, rd_expense) / sum(3, revenue) >= {p(3, 2)}%"),
                    ("domestic", "rd_domestic / rd_expense >= 60%"), ("income", f"high_tech_revenue / revenue >= {p(60, 50, 70)}%"),
                    ("enough", f"score(s) > {p(70, 65, 75)}")], [ip, growth, people], "", ""  # fmt: skip
        case 2:  # innovative SME
            return [CLEAN, SAFE, ("size", "staff < 1000 and revenue < 4 亿元"), ("score", f"score(s) >= {p(60, 50)} and score(s.rd) >= 20"),
                    ("honour", "within(science_award_on, 3 年)"), ("raised", f"sum(2, equity_raised) >= {p(500, 800, 1000)} 万元")], \
                   [rd_item, ip, growth], "", "clean and safe and size and (score or honour or raised)"  # fmt: skip
        case 3:  # specialised SME
            return [CLEAN, SAFE, ("years", f"segment_years >= {p(2, 3, 4)}"), ("rd", f"rd_expense >= {p(100, 80, 150)} 万元 and {rd} >= 3%"),
                    ("revenue", f"revenue >= {p(1000, 1500, 800)} 万元 or sum(2, equity_raised) >= {p(2000, 3000)} 万元"),
                    ("enough", f"score(s) >= {p(60, 55)}"), ("award", "within(science_award_on, 3 年) and class1_ip >= 1")], \
                   [growth, ip, people, rd_item], "", "clean and safe and years and rd and revenue and (enough or award)"  # fmt: skip
        case 4:  # little giant
            return [CLEAN, SAFE, ("years", "segment_years >= 3"), ("base", "qualifies(bench/p3)"),
                    ("share", f"high_tech_revenue / revenue >= {p(70, 60, 80)}%"), ("growth", f"mean_growth(2, revenue) >= {p(5, 8, 10)}%"),
                    ("debt", f"liabilities / assets <= {p(70, 65, 60)}%"),
                    ("rd", f"(revenue >= 1 亿元 and {rd} >= 3%) or (revenue >= 5000 万元 and {rd} >= 6%) or rd_expense >= {p(500, 600)} 万元"),
                    ("people", f"rd_staff / staff >= {p(15, 20)}% and rd_staff >= 10"), ("ip", f"class1_ip >= {p(2, 3)}"), ("body", "own_rd_body")], [], "", ""  # fmt: skip
        case 5:  # at or above the line of the sector
            return [CLEAN, ("covered", "covers(lines)"), ("lines", "reaches(revenue, lines.revenue)"), ("staff", "reaches(staff, lines.staff)"),
                    ("statistics", "statistics_filed"), HERE], [], lines, ""  # fmt: skip
        case 6:  # AI rent subsidy
            return [CLEAN, HERE, ("ai", "industry in digital"), ("moved", "in_changning_since >= 2023-01-01"), ("rent", f"rent_paid >= {p(10, 20, 5)} 万元"),
                    ("months", f"rent_months >= {p(6, 12)}"), ("tax", f"tax_paid >= {p(50, 30, 100)} 万元 or revenue >= {p(1000, 500)} 万元"), SAFE], [], digital, ""  # fmt: skip
        case 7:  # computing power vouchers
            return [CLEAN, HERE, ("digital", "industry in digital"), ("rd", f"rd_expense >= {p(200, 300, 100)} 万元"), ("level", f"digital_level >= {p(2, 3)}"),
                    ("small", "staff <= 300"), ("not_listed", "not listed"), SAFE], [], digital, ""  # fmt: skip
        case 8:  # metaverse projects
            return [CLEAN, HERE, ("digital", "industry in digital"), ("people", f"college_staff / staff >= {p(50, 40, 60)}%"),
                    ("rd", f"{rd} >= {p(5, 8, 10)}%"), ("ip", f"count(class1_ip >= 1, class2_ip >= 5, own_rd_body) >= {p(2, 1)}"), SAFE], [], digital, ""  # fmt: skip
        case 9:  # data trading subsidy
            return [CLEAN, HERE, ("strategic", "strategic_industry or industry in digital"), ("revenue", f"each(2, revenue >= {p(500, 800, 1000)} 万元)"),
                    ("profit", f"some(2, net_profit > {p(0, 10, 50)} 万元)"), SAFE, BOOKS], [], digital, ""  # fmt: skip
        case 10:  # talent housing
            return [CLEAN, HERE, ("people", f"college_staff >= {p(10, 20, 30)}"), ("share", "college_staff / staff >= 30%"), ("tax", f"sum(2, tax_paid) >= {p(100, 200, 300)} 万元"),
                    ("age", "age(founded) >= 1 年"), ("insured", "statistics_filed"), SAFE], [], "", ""  # fmt: skip
        case 11:  # support before listing
            return [CLEAN, SAFE, ("not_listed", "not listed"), ("profit", f"each(2, net_profit >= {p(1000, 1500, 2000)} 万元)"), ("growth", f"cagr(2, revenue) >= {p(10, 15, 20)}%"),
                    ("equity", "liabilities / assets <= 60%"), ("legal", "legal_person and in_mainland"), ("age", "age(founded) >= 3 年"), HERE], [], "", ""  # fmt: skip
        case 12:  # interest subsidy on IP loans
            return [CLEAN, SAFE, HERE, ("ip", f"class1_ip + class2_ip >= {p(3, 5, 8)}"), ("small", "revenue <= 4 亿元 or staff <= 300"), ("debt", f"liabilities / assets <= {p(80, 75)}%")], [], "", ""  # fmt: skip
        case 13:  # R&D super-deduction
            return [BOOKS, ("resident", "legal_person and in_mainland"), ("industry", "not industry in excluded"), ("rd", "rd_expense > 0 元"), ("collected", "statistics_filed or own_rd_body")], [], excluded, ""  # fmt: skip
        case 14:  # advanced service firm
            return [CLEAN, BOOKS, ("people", f"college_staff / staff >= {p(50, 45)}%"), ("income", f"high_tech_revenue / revenue >= {p(50, 55)}%"), ("age", "age(founded) >= 2 年"),
                    ("digital", "industry in digital or industry in {M}")], [], digital, ""  # fmt: skip
        case 15:  # gazelle
            return [CLEAN, SAFE, ("age", f"age(founded) >= {p(3, 2)} 年 and age(founded) < {p(10, 12)} 年"), ("growth", f"cagr(2, revenue) >= {p(20, 25, 30)}% or growth(revenue) >= {p(50, 60)}%"),
                    ("revenue", f"revenue[3] >= {p(500, 1000)} 万元"), ("rd", f"{rd} >= {p(3, 4)}%"), ("tech", "qualifies(bench/p0) or qualifies(bench/p1)")], [], "", ""  # fmt: skip
        case 16:  # unicorn cultivation
            return [CLEAN, ("age", "age(founded) < 10 年"), ("raised", f"sum(3, equity_raised) >= {p(1, 2, 3)} 亿元"), ("not_listed", "not listed"), ("rd", f"sum(3, rd_expense) / sum(3, revenue) >= {p(10, 8, 15)}%"), SAFE], [], "", ""  # fmt: skip
        case 17:  # single champion
            return [CLEAN, SAFE, ("years", f"segment_years >= {p(10, 8)}"), ("factory", "industry in {C}"), ("revenue", f"revenue >= {p(4, 2, 6)} 亿元"), ("profit", f"mean(3, revenue) >= 3 亿元 and net_profit / revenue >= {p(5, 6, 8)}%"),
                    ("ip", "class1_ip >= 5"), ("rd", f"{rd} >= 3%")], [], "", ""  # fmt: skip
        case 18:  # R&D centre
            return [CLEAN, HERE, ("body", "rd_body in {national, provincial, city}"), ("staff", f"rd_staff >= {p(20, 30, 50)}"), ("rd", f"rd_expense >= {p(500, 800, 1000)} 万元"), ("score", f"score(s) >= {p(40, 50, 60)}"), SAFE], [rd_item, people], "", ""  # fmt: skip
        case 19:  # transfer of results
            return [CLEAN, SAFE, ("conversions", f"conversions >= {p(2, 3, 5)}"), ("rd", f"{rd} >= {p(2, 3)}%"), ("ip", "class1_ip >= 1"), HERE], [], "", ""  # fmt: skip
        case 20:  # opening reward
            return [HERE, CLEAN, ("new", "within(in_changning_since, 24 个月)"), ("young", "age(founded) < 5 年"), ("tax", f"tax_paid >= {p(100, 200, 50)} 万元"), ("lines", "reaches(revenue, lines.revenue)"), SAFE], [], lines, ""  # fmt: skip
        case 21:  # green transformation
            return [CLEAN, SAFE, ("factory", "industry in {B, C, D}"), ("level", f"digital_level >= {p(3, 2, 4)}"), ("debt", "liabilities / assets <= 75%"), ("revenue", f"revenue >= {p(2000, 3000, 5000)} 万元"), BOOKS], [], "", ""  # fmt: skip
        case 22:  # leading firm
            return [CLEAN, ("revenue", f"revenue >= {p(10, 5, 20)} 亿元"), ("growth", f"mean_growth(2, revenue) >= {p(10, 5, 15)}%"), ("tax", f"each(2, tax_paid >= {p(1000, 2000)} 万元)"), ("listed", "listed or sum(2, equity_raised) >= 5 亿元"), HERE, SAFE], [], "", ""  # fmt: skip
        case _:  # growth bonus for small firms
            return [CLEAN, SAFE, ("class", f"staff <= {p(100, 50, 200)} and revenue <= {p(3000, 2000, 5000)} 万元"), ("growth", f"growth(revenue) >= {p(10, 20, 15)}%"), ("profit", "net_profit > 0 元"), ("score", f"score(s) >= {p(15, 10, 20)}"), HERE], [growth], "", ""  # fmt: skip


def pack(number: int) -> str:
    """The text of one pack."""
    rng = random.Random(number)

    def pick(*values: object) -> str:
        return str(values[0] if number < 24 else rng.choice(values))

    clauses, items, more, qualifies = _policy(number % 24, pick)
    lines = [f"id: bench/p{number}", f"title: {{zh: 政策{number}, en: Policy {number}}}", "kind: recognition",
             "issuer: {zh: 测, en: Bench}", 'document: {number: "1", title: 测}', "in_force: {from: 2020-01-01}", "evidence: V"]  # fmt: skip
    lines += [more] if more else []
    if items:
        lines += ["scores:", "  s:", "    zh: 分", "    en: Score", "    items:"]
        lines += [
            f"      - {{id: {i}, zh: 项, en: Item, cite: 一, max: {most}, {how}}}" for i, most, how in items
        ]
    lines.append("clauses:")
    lines += [
        f"  - {{id: {id}, cite: 第{place}条, zh: 条件, en: Clause, is: '{text}'}}"
        for place, (id, text) in enumerate(clauses, 1)
    ]
    if qualifies:
        lines.append(f"qualifies: {qualifies}")
    return "\n".join(lines) + "\n"


def library(policies: int) -> Library:
    """The vocabulary that ships and ``policies`` synthetic packs."""
    packs = tuple(read_pack(Path(f"p{n}.yaml"), pack(n)) for n in range(policies))
    return Library(Vocabulary.load(ROOT / "policies"), packs)


def plan(policies: int) -> Plan:
    return library(policies).plan(AS_OF)


def firms(rows: int, vocabulary: Vocabulary, seed: int = 42, *, unknown: float = UNKNOWN) -> pa.RecordBatch:
    """``rows`` firms: amounts in fen (int64), counts and days (int32), flags (int8), codes (int16)."""
    rng = np.random.default_rng(seed)
    scale = rng.lognormal(0, 1.6, rows)
    staff = np.clip(60 * scale * rng.lognormal(0, 0.4, rows), 1, 400_000)
    revenue = np.clip(4e9 * scale * rng.lognormal(0, 0.5, rows), 0, 9e14)
    last = revenue / rng.lognormal(0.08, 0.25, rows)
    before = last / rng.lognormal(0.08, 0.25, rows)
    intensity = rng.beta(1.2, 14, rows)
    assets = revenue * rng.lognormal(0.1, 0.5, rows)
    raised = np.where(rng.random(rows) < 0.15, rng.lognormal(21, 1.5, rows), 0)
    today = to_day(AS_OF)
    money = {
        "revenue": revenue, "revenue[2]": last, "revenue[3]": before, "rd_expense": revenue * intensity,
        "rd_expense[2]": last * intensity * 0.9, "rd_expense[3]": before * intensity * 0.8,
        "rd_domestic": revenue * intensity * rng.beta(8, 1, rows), "cost_and_expense": revenue * rng.uniform(0.7, 1.1, rows),
        "assets": assets, "liabilities": assets * rng.beta(3, 3, rows), "net_profit": revenue * rng.normal(0.06, 0.08, rows),
        "net_profit[2]": last * rng.normal(0.06, 0.08, rows), "high_tech_revenue": revenue * rng.beta(2, 1.5, rows),
        "tax_paid": revenue * rng.beta(2, 40, rows), "tax_paid[2]": last * rng.beta(2, 40, rows),
        "equity_raised": raised, "equity_raised[2]": raised * (rng.random(rows) < 0.5), "equity_raised[3]": raised * (rng.random(rows) < 0.3),
        "rent_paid": staff * 8e5 * rng.lognormal(0, 0.3, rows),
    }  # fmt: skip
    counts = {
        "staff": staff, "tech_staff": staff * rng.beta(2, 5, rows), "rd_staff": staff * rng.beta(2, 8, rows),
        "college_staff": staff * rng.beta(4, 4, rows), "class1_ip": rng.poisson(np.minimum(scale, 40)),
        "class2_ip": rng.poisson(np.minimum(3 * scale, 200)), "segment_years": rng.integers(0, 20, rows),
        "conversions": rng.poisson(1.5, rows), "rent_months": rng.integers(0, 37, rows), "digital_level": rng.integers(0, 5, rows),
        "founded": today - rng.integers(60, 9000, rows), "in_changning_since": today - rng.integers(10, 5000, rows),
        "high_tech_until": today + rng.integers(-2000, 1000, rows), "science_award_on": today - rng.integers(10, 4000, rows),
    }  # fmt: skip
    flags = {"audit_collection": 0.9, "in_mainland": 0.97, "legal_person": 0.95, "listed": 0.04, "in_changning": 0.3, "in_shanghai": 0.6,
             "abnormal_list": 0.05, "dishonest_list": 0.02, "serious_incident_2y": 0.03, "own_rd_body": 0.3, "strategic_industry": 0.4,
             "statistics_filed": 0.8}  # fmt: skip
    tree = vocabulary.trees["gbt4754"]
    leaves = np.array(
        [n for code, n in tree.numbers.items() if code not in set(tree.parents.values())], np.int16
    )
    columns = {name: values.astype(np.int64) for name, values in money.items()}
    columns |= {name: values.astype(np.int32) for name, values in counts.items()}
    columns |= {name: (rng.random(rows) < share).astype(np.int8) for name, share in flags.items()}
    columns["industry"] = leaves[rng.integers(0, len(leaves), rows)]
    columns["rd_body"] = rng.integers(0, len(vocabulary["rd_body"].values), rows).astype(np.int16)
    arrays = [
        pa.array(values, mask=rng.random(rows, np.float32) < unknown if unknown else None)
        for values in columns.values()
    ]
    return pa.record_batch(arrays, names=list(columns))


def filled(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same firms with 0 for whatever is unknown: what an engine with two values can be asked."""
    return pa.record_batch([column.fill_null(0) for column in batch.columns], names=batch.schema.names)
