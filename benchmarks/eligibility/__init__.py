"""Policies × firms, measured against peers: ``python -m benchmarks.eligibility`` (docs/benchmarks-eligibility.md)."""

import datetime as dt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "bench" / "eligibility"
AS_OF = dt.date(2026, 6, 1)
