"""Clauses and amounts found, wrong and missed in ten published policies, against marks.yaml.

    python -m benchmarks.drafting FOLDER        # FOLDER holds the documents as jsonl, gzipped or not: {url, text}

The documents are official texts and are not part of this repository; docs/policy-import.md names their addresses.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qiao.eligibility.drafting import PolicyText, figures
from qiao.eligibility.drafting.numerals import whole

MARKS = Path(__file__).parent / "marks.yaml"
UNITS = "零一二三四五六七八九"


def han(number: int) -> str:
    """1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    lead = "" if not tens else "十" if tens == 1 else f"{UNITS[tens]}十"
    return lead + (UNITS[ones] if ones else "")


def spread(marked: str) -> Iterator[str]:
    """二（一..三） → 二（一） 二（二） 二（三）."""
    for word in marked.split():
        run = re.search(r"(\d+|[一二三四五六七八九十]+)\.\.(\d+|[一二三四五六七八九十]+)", word)
        if not run:
            yield word
            continue
        first, last = whole(run[1]) or 0, whole(run[2]) or 0
        for n in range(first, last + 1):
            yield word[: run.start()] + (str(n) if run[1].isdigit() else han(n)) + word[run.end() :]


@dataclass
class Tally:
    """``found``: marked and found. ``wrong``: found and not marked. ``missed``: marked and not found."""

    found: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, marked: Counter[Any], seen: Counter[Any]) -> None:
        right = (marked & seen).total()
        self.found += right
        self.wrong += seen.total() - right
        self.missed += marked.total() - right

    def __str__(self) -> str:
        precision = f"{self.found / (self.found + self.wrong):.1%}" if self.found + self.wrong else "–"
        recall = f"{self.found / (self.found + self.missed):.1%}" if self.found + self.missed else "–"
        return f"{self.found} | {self.wrong} | {self.missed} | {precision} | {recall}"


def documents(folder: Path) -> dict[str, str]:
    """The texts of the documents by their address."""
    found = {}
    for path in sorted(folder.rglob("*.jsonl*")):
        data = path.read_bytes()
        for line in (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8").splitlines():
            entry = json.loads(line)
            if "url" in entry and "text" in entry:
                found[entry["url"]] = entry["text"]
    return found


def _spelling(amount: str) -> str:
    """15000元 and 1.5万元 are the same mark."""
    yuan = re.fullmatch(r"(\d+)元", amount)
    return figures(f"{yuan[1]}元")[0].text if yuan else amount


def main(folder: Path) -> None:
    marks = yaml.safe_load(MARKS.read_text("utf-8"))
    texts = documents(folder)
    print(
        "| document | set | | found | wrong | missed | precision | recall |\n|---|---|---|--:|--:|--:|--:|--:|"
    )
    totals: dict[tuple[str, str], Tally] = {}
    for name, marked in marks.items():
        if marked["url"] not in texts:
            sys.exit(f"{name}: {marked['url']} is not in {folder}")
        text = PolicyText.of(texts[marked["url"]].split("\n"), Path(name))
        wanted = [
            (cite, sign, _spelling(amount))
            for cite, amounts in (marked.get("amounts") or {}).items()
            for sign, amount in re.findall(r"([<>=]+)(\S+)", amounts)
        ]
        seen = [(s.cite, f.sense, f.text) for s in text.sections for f in figures(s.text)]
        pairs: list[tuple[str, Counter[Any], Counter[Any]]] = [
            ("clauses", Counter(spread(marked["clauses"])), Counter(s.cite for s in text.sections)),
            ("amounts", Counter((c, v) for c, _, v in wanted), Counter((c, v) for c, _, v in seen)),
            ("and their bounds", Counter(wanted), Counter(seen)),
        ]
        for what, left, right in pairs:
            tally = Tally()
            tally.add(left, right)
            totals.setdefault((marked["set"], what), Tally()).add(left, right)
            print(f"| {name} | {marked['set']} | {what} | {tally} |")
            if "-v" in sys.argv:
                print("   wrong", dict(right - left), "missed", dict(left - right), file=sys.stderr)
    for (which, what), tally in sorted(totals.items()):
        print(f"| **all** | {which} | {what} | {tally} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
