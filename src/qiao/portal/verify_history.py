"""Check a public reply of Qiao against its published history. Needs Python 3.9 or newer and nothing else.

python verify_history.py https://HOST/replies/SLUG.json
"""

import hashlib
import json
import sys
import urllib.request
from typing import Any


def digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        return json.load(answer)


def check(url: str) -> tuple[list[str], int]:
    """Every contradiction as a sentence, and how many acts are in no daily root yet (those of today)."""
    reply, faults, rooted, waiting = fetch(url), [], set(), 0
    for address in reply["daily_roots"]:
        day = fetch(address)
        if digest({"day": day["day"], "prev": day["prev"], "acts": day["acts"]}) != day["root"]:
            faults.append(f"{address}: the root does not fit its acts")
        rooted |= {tuple(leaf) for leaf in day["acts"]}
    for case, acts in reply["history"].items():
        before = "0" * 64
        for number, act in enumerate(acts, 1):
            where, head = f"{case}/{act['seq']}", act.get("header")
            if act["seq"] != number:
                faults.append(f"{where}: an act is missing before it")
            if head and (digest(head) != act["hash"] or head["prev"] != before):
                faults.append(f"{where}: the hash does not fit")
            if head and act["body"] is not None and digest(act["body"]) != head["body"]:
                faults.append(f"{where}: reason or data are not what was written")
            waiting += (case, act["seq"], act["hash"]) not in rooted
            before = act["hash"]
    if digest(reply["letter"]) != reply["digests"]["public_copy"]:
        faults.append("letter: its digest does not fit")
    return faults, waiting


if __name__ == "__main__":
    found, waiting = check(sys.argv[1])
    print("\n".join(found) or "All hashes fit.")
    print(f"{waiting} acts are in no daily root yet.")
    sys.exit(bool(found))
