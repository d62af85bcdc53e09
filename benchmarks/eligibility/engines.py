"""The engines: each is made ready with a plan and firms, then run; it gives the state of every clause and verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from qiao.eligibility import FactTable, Kernel, Plan, Walker

from . import translate
from .world import AS_OF

States = Callable[[int], Any]  # node → 0, 1, 2 for every firm
Run = Callable[[], States]


def kernel(plan: Plan, firms: pa.RecordBatch, *, clauses: bool = True) -> Run:
    ready, table = Kernel(plan, clauses=clauses), FactTable.from_arrow(firms, plan.vocabulary)

    def run() -> States:
        return ready.run(table).states

    return run


def verdicts(plan: Plan, firms: pa.RecordBatch) -> Run:
    return kernel(plan, firms, clauses=False)


def walk(plan: Plan, firms: pa.RecordBatch) -> Run:
    walker, table = Walker(plan), FactTable.from_arrow(firms, plan.vocabulary)
    rows = [table.row(i) for i in range(firms.num_rows)]

    def run() -> States:
        judged = [walker.judge(row).states for row in rows]
        return lambda node: np.array([states[node] for states in judged], np.uint8)

    return run


def _columns(firms: pa.RecordBatch, plan: Plan) -> dict[str, Any]:
    """The facts by the names that peers can write, whole numbers of 64 bits."""
    return {
        translate.name(ref): firms.column(str(ref)).cast(pa.int64())
        for ref in plan.inputs
        if str(ref) in firms.schema.names
    }


def polars(plan: Plan, firms: pa.RecordBatch) -> Run:
    import polars as pl

    speech = translate.Polars(plan)
    frame = pl.from_arrow(pa.table(_columns(firms, plan)))
    stages = [[e.alias(f"n{number}") for number, e in stage.items()] for stage in speech.stages]
    wanted = [f"n{number}" for number in sorted(plan.kept)]

    def run() -> States:
        lazy = frame.lazy()
        for stage in stages:
            lazy = lazy.with_columns(stage)
        found = lazy.select(wanted).collect()

        def states(node: int) -> Any:
            column = found[f"n{node}"]
            held = column.fill_null(False).to_numpy().astype(np.uint8) * 2
            return held + column.is_null().to_numpy()

        return states

    return run


def duckdb(plan: Plan, firms: pa.RecordBatch) -> Run:
    import duckdb as db

    connection = db.connect()
    connection.execute("SET threads = 2")
    given = pa.table(_columns(firms, plan))
    connection.register("given", given)
    connection.execute("CREATE TABLE firms AS SELECT * FROM given")
    stages = translate.Sql(plan).stages
    steps, source = [], "firms"
    for place, stage in enumerate(stages):
        said = ", ".join(f"{text} AS n{number}" for number, text in stage.items())
        steps.append(f"s{place} AS MATERIALIZED (SELECT *, {said} FROM {source})")
        source = f"s{place}"
    wanted = ", ".join(f"n{number}" for number in sorted(plan.kept))
    query = f"CREATE OR REPLACE TABLE judged AS WITH {', '.join(steps)} SELECT {wanted} FROM {source}"

    def run() -> States:
        connection.execute(query)

        def states(node: int) -> Any:
            text = f"SELECT CASE WHEN n{node} THEN 2 WHEN n{node} IS NULL THEN 1 ELSE 0 END::UTINYINT AS s FROM judged"
            return connection.execute(text).fetchnumpy()["s"]

        return states

    return run


def _vectors(plan: Plan, firms: pa.RecordBatch, core: str) -> Run:
    """OpenFisca and PolicyEngine: a variable for every fact and every result."""
    from importlib import import_module

    columns = {key: column.to_numpy(zero_copy_only=False) for key, column in _columns(firms, plan).items()}
    periods = import_module(f"{core}.periods")
    variable = import_module(f"{core}.variables").Variable
    entity = import_module(f"{core}.entities").build_entity(
        key="firm", plural="firms", label="Firm", is_person=True
    )
    system = import_module(f"{core}.taxbenefitsystems").TaxBenefitSystem([entity])
    year = periods.YEAR if hasattr(periods, "YEAR") else import_module(f"{core}.periods").DateUnit.YEAR
    period = str(AS_OF.year)
    money = {translate.name(ref) for ref in plan.inputs if plan.vocabulary[ref.key].type == "money"}

    def declare(key: str, kind: type, formula: Any = None) -> None:
        made = {"value_type": kind, "entity": entity, "definition_period": year, "label": key}
        system.add_variable(type(key, (variable,), made | ({"formula": formula} if formula else {})))

    for key in columns:
        declare(key, float if key in money else int)
    for number, text in translate.Numpy(plan).results.items():
        code = compile(text, f"n{number}", "eval")

        def formula(firm: Any, period: Any, parameters: Any = None, code: Any = code) -> Any:
            return eval(code, {"np": np, "x": lambda key: firm(key, period)})

        declare(f"n{number}", bool, formula)
    builder = import_module(f"{core}.simulations").SimulationBuilder

    def run() -> States:
        simulation = builder().build_default_simulation(system, firms.num_rows)
        for key, values in columns.items():
            simulation.set_input(key, period, values)
        found = {number: simulation.calculate(f"n{number}", period) for number in plan.kept}
        return lambda node: np.asarray(found[node]).astype(np.uint8) * 2

    return run


def openfisca(plan: Plan, firms: pa.RecordBatch) -> Run:
    return _vectors(plan, firms, "openfisca_core")


def policyengine(plan: Plan, firms: pa.RecordBatch) -> Run:
    return _vectors(plan, firms, "policyengine_core")


def _rows(plan: Plan, firms: pa.RecordBatch) -> list[dict[str, int]]:
    return pa.table(_columns(firms, plan)).to_pylist()


def _answers(found: list[dict[str, Any]]) -> States:
    return lambda node: np.array([2 * bool(row[f"n{node}"]) for row in found], np.uint8)


def zen(plan: Plan, firms: pa.RecordBatch) -> Run:
    import zen as engine

    written = [
        {"id": str(number), "key": f"n{number}", "value": text}
        for number, text in translate.Zen(plan).results.items()
    ]
    place = {"x": 0, "y": 0}
    content = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {
                "id": "work",
                "type": "expressionNode",
                "name": "work",
                "position": place,
                "content": {"expressions": written},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "work", "type": "edge"},
            {"id": "2", "sourceId": "work", "targetId": "out", "type": "edge"},
        ],
    }
    decision = engine.ZenEngine().create_decision(json.dumps(content))
    rows = _rows(plan, firms)
    return lambda: _answers([decision.evaluate(row)["result"] for row in rows])


def cel(plan: Plan, firms: pa.RecordBatch) -> Run:
    import cel as engine

    stages = [
        [(f"n{number}", engine.compile(text)) for number, text in stage.items()]
        for stage in translate.Cel(plan).stages
    ]
    rows = _rows(plan, firms)

    def one(row: dict[str, Any]) -> dict[str, Any]:
        context, known = engine.Context(), {}
        context.update(row)
        for stage in stages:
            found = {key: program.execute(context) for key, program in stage}
            context.update(found)
            known |= found
        return known

    return lambda: _answers([one(row) for row in rows])


def jsonlogic(plan: Plan, firms: pa.RecordBatch) -> Run:
    from json_logic import jsonLogic

    rules = [(f"n{number}", rule) for number, rule in translate.Json(plan).results.items()]
    rows = _rows(plan, firms)

    def one(row: dict[str, Any]) -> dict[str, Any]:
        known: dict[str, Any] = dict(row)
        for key, rule in rules:
            known[key] = bool(jsonLogic(rule, known))
        return known

    return lambda: _answers([one(row) for row in rows])
