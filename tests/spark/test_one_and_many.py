"""A local Spark says of random packs and firms what the walk says, verdict by verdict and clause by clause."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyspark", reason="needs pyspark: scripts/check.py spark")

from pyspark.sql import SparkSession

from qiao.eligibility import Kernel, Plan, Walker
from qiao.eligibility import spark as qspark
from qiao.eligibility.table import FactTable
from tests.unit.eligibility.worlds import AS_OF, VOCABULARY, Firm, firms, library, packs, planned


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    home: Path = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.local.dir", str(home))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "7")  # several batches in a partition
        .config("spark.sql.shuffle.partitions", "2")
    )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def frame(spark: SparkSession, plan: Plan, companies: list[Firm]) -> Any:
    refs = sorted({*plan.inputs, *(ref for firm in companies for ref in firm)})
    columns = {str(ref): pa.array([firm.get(ref) for firm in companies], pa.int64()) for ref in refs}
    columns["firm"] = pa.array([f"甲{i}" for i in range(len(companies))])
    names = list(columns)
    rows = [tuple(column[i].as_py() for column in columns.values()) for i in range(len(companies))]
    schema = ", ".join(f"`{name}` {'string' if name == 'firm' else 'bigint'}" for name in names)
    return spark.createDataFrame(rows, schema)


@settings(settings.get_profile("packs"), max_examples=12)
@given(packs(), st.lists(firms(), min_size=12, max_size=30))
def test_walk_columns_and_spark_agree(spark: SparkSession, texts: list[str], companies: list[Firm]) -> None:
    _, plan = planned(texts)
    asked = {("verdict", p.id, ""): qspark.verdict(plan, p.id) for p in plan.policies}
    for p in plan.policies:
        asked |= {("clause", p.id, c.clause.id): qspark.clause(plan, p.id, c.clause.id) for c in p.clauses}
    judged = qspark.judge(plan, frame(spark, plan, companies), keep=["firm"])
    told = judged.select(
        "firm", *(column.alias(f"a{i}") for i, column in enumerate(asked.values()))
    ).collect()
    assert len(told) == len(companies)
    walker, results = Walker(plan), Kernel(plan).run(FactTable.from_rows(companies, VOCABULARY))
    for row in told:
        number = int(row["firm"][1:])
        walked = walker.judge(companies[number])
        for answer, (what, id, name) in zip(row[1:], asked, strict=True):
            reference = walked.verdict(id) if what == "verdict" else walked.clause(id, name)
            column = results.verdicts(id) if what == "verdict" else results.clause(id, name)
            assert answer == reference == column[number], (what, id, name, companies[number], texts)


def test_text_decimals_and_days_are_understood(spark: SparkSession) -> None:
    """Codes as text, amounts as decimals in yuan, real dates and flags, as a warehouse holds them."""
    text = """
id: t/p0
title: {zh: 甲, en: a}
kind: recognition
issuer: {zh: 甲, en: A}
document: {number: "1", title: 甲}
in_force: {from: 2020-01-01}
evidence: V
clauses:
  - {id: code, cite: 一, zh: 甲, en: a, is: "industry in {01}"}
  - {id: money, cite: 一, zh: 甲, en: a, is: revenue >= 3 万元}
  - {id: day, cite: 一, zh: 甲, en: a, is: founded <= 2024-02-29}
  - {id: flag, cite: 一, zh: 甲, en: a, is: listed}
"""
    plan = library([text]).plan(AS_OF)
    given = spark.sql(
        "select 1 n, '011' industry, cast('30000.00' as decimal(18,2)) revenue, date'2024-02-29' founded, true listed "
        "union all select 2, 'B', cast('29999.99' as decimal(18,2)), date'2024-03-01', false "
        "union all select 3, null, null, null, null"
    )
    judged = qspark.judge(plan, given, keep=["n"])
    told = judged.select("n", *(qspark.clause(plan, "t/p0", c) for c in ("code", "money", "day", "flag")))
    assert sorted(map(tuple, told.collect())) == [(1, 2, 2, 2, 2), (2, 0, 0, 0, 0), (3, 1, 1, 1, 1)]
    alone = qspark.judge(plan, given, keep=["n"], clauses=False)
    found = alone.select("n", qspark.verdict(plan, "t/p0", clauses=False)).collect()
    assert sorted(map(tuple, found)) == [(1, 2), (2, 0), (3, 1)]
