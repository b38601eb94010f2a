"""Questions to a cohort's tables, put into SQL once for all tables of the same columns.

An expression of a whole frame takes Ibis some ten times as long to write out as DuckDB takes to
answer it for a clinic, and a run asks the same of many cohorts. What SQL says depends on the
columns of the tables, on the choices, and on the drugs' names that occur: these are the key under
which it is kept in this process. Engines other than DuckDB are asked by the same expressions.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import RLock
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.opened import Cohort
from incohort.results import CohortCard
from incohort.sources.drug_names import distinct_names, names_are
from incohort.sources.queries import once
from incohort.sources.raw import quoted

Ask = Callable[..., ir.Table]  # of a cohort and choices

_MARK = "incohort§"  # in the names of what SQL is written for; no table of a cohort's has it
_NUMBERS = count()
_NOBODY = CohortCard(name="", title="", is_public=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A question in SQL: what is computed on the way, in order, and the answer."""

    steps: tuple[tuple[str, str], ...]
    answer: str
    schema: ibis.Schema


_ONE_AT_A_TIME = RLock()  # threads that share a cohort share its connection
_LET_GO: list[tuple[Any, str]] = []  # tables that nobody holds any more
_STEPS: ContextVar[list[tuple[str, str]] | None] = ContextVar("steps", default=None)
_WRITE: ContextVar[Callable[[ir.Table], str]] = ContextVar("write")


def frame_of(cohort: Cohort, ask: Ask, *choices: Any) -> pd.DataFrame:
    """What a question answers of a cohort, as `ask(cohort, *choices).execute()` does.

    Args:
        cohort: Whose tables are asked.
        ask: Makes the expression. It asks nothing of rows meanwhile but the names of drugs, and
            knows of the cohort its tables alone.
        choices: What else it takes; hashable.
    """
    backend = _duckdb_of(cohort)
    if backend is None:
        frame: pd.DataFrame = ask(cohort, *choices).execute()
        return frame
    with _ONE_AT_A_TIME, _asked(backend, cohort, ask, choices) as (query, schema):
        name = f"answer_{next(_NUMBERS)}"
        backend.raw_sql(f"CREATE TEMP VIEW {quoted(name)} AS {query}")
        try:
            answer: pd.DataFrame = backend.execute(ibis.table(schema, name=name))
        finally:
            backend.raw_sql(f"DROP VIEW {quoted(name)}")
    return answer


def table_of(cohort: Cohort, ask: Ask, *choices: Any) -> ir.Table:
    """What a question answers of a cohort, computed and kept where the rows are.

    It goes some time after the table that is returned. The arguments are those of `frame_of`.
    """
    backend = _duckdb_of(cohort)
    if backend is None:
        return ask(cohort, *choices).cache()
    name = f"kept_{next(_NUMBERS)}"
    with _ONE_AT_A_TIME, _asked(backend, cohort, ask, choices) as (query, schema):
        backend.raw_sql(f"CREATE TEMP TABLE {quoted(name)} AS {query}")
    table = ops.DatabaseTable(name=name, schema=schema, source=backend).to_expr()
    weakref.finalize(table, _LET_GO.append, (backend, name))  # another query may be running
    return table


def kept(table: ir.Table) -> ir.Table:
    """A part of a question that is computed once, and asked several things."""
    steps = _STEPS.get()
    if steps is None:
        return table.cache()
    name = f"{_MARK}step {len(steps)}"
    steps.append((name, _WRITE.get()(table)))
    return ibis.table(table.schema(), name=name)


@contextmanager
def _asked(
    backend: Any, cohort: Cohort, ask: Ask, choices: tuple[Any, ...]
) -> Iterator[tuple[str, ibis.Schema]]:
    """The question in SQL for this cohort, after all steps to it; they are dropped at the end."""
    _drop_what_was_let_go()
    names = _names(backend, cohort, ask)
    written = _written(backend, cohort, ask, choices, names)
    run, done = next(_NUMBERS), list[str]()
    actual = {f"{_MARK}{name}": _full_name(table) for name, table in cohort.tables.items()}
    actual |= {name: quoted(f"step_{run}_{i}") for i, (name, _) in enumerate(written.steps)}
    put = partial(_with_names, names=actual)
    try:
        for name, query in written.steps:
            backend.raw_sql(f"CREATE TEMP TABLE {actual[name]} AS {put(query)}")
            done.append(actual[name])
        yield put(written.answer), written.schema
    finally:
        for name in done:
            backend.raw_sql(f"DROP TABLE {name}")


def _full_name(table: ir.Table) -> str:
    where: Any = table.op()
    parts = (where.namespace.catalog, where.namespace.database, where.name)
    return ".".join(quoted(part) for part in parts if part)


def _names(backend: Any, cohort: Cohort, ask: Ask) -> tuple[str, ...]:
    """The names of drugs that occur."""
    if not cohort.has("medications") or ask is _drugs:
        return ()
    with _asked(backend, cohort, _drugs, ()) as (query, _):
        return tuple(sorted(name for (name,) in backend.raw_sql(query).fetchall()))


def _drugs(cohort: Cohort) -> ir.Table:
    return distinct_names(cohort.tables["medications"].drug)


def _written(
    backend: Any, cohort: Cohort, ask: Ask, choices: tuple[Any, ...], names: tuple[str, ...]
) -> _Written:
    shapes = tuple(sorted((name, table.schema()) for name, table in cohort.tables.items()))
    key = (ask, choices, names, shapes)
    return once(key, lambda: _write(backend, shapes, ask, choices, names))


def _write(
    backend: Any,
    shapes: tuple[tuple[str, ibis.Schema], ...],
    ask: Ask,
    choices: tuple[Any, ...],
    names: tuple[str, ...],
) -> _Written:
    tables = {name: ibis.table(schema, name=f"{_MARK}{name}") for name, schema in shapes}
    unbound = Cohort(name="", card=_NOBODY, tables=tables, origins={}, held=frozenset())
    steps: list[tuple[str, str]] = []
    is_writing, how = _STEPS.set(steps), _WRITE.set(partial(_sql, backend))
    try:
        with names_are(names):
            asked = ask(unbound, *choices)
        answer = _sql(backend, asked)
    finally:
        _STEPS.reset(is_writing)
        _WRITE.reset(how)
    return _Written(steps=tuple(steps), answer=answer, schema=asked.schema())


def _sql(backend: Any, table: ir.Table) -> str:
    """An expression in SQL; of two choices most steps are the same expression."""
    return once(("sql", table.op()), lambda: str(backend.compile(table)))


def _with_names(query: str, names: dict[str, str]) -> str:
    for name, actual in names.items():
        query = query.replace(quoted(name), actual)
    return query


def _duckdb_of(cohort: Cohort) -> Any:
    """The DuckDB in which all tables of a cohort are; None elsewhere."""
    tables = [table.op() for table in cohort.tables.values()]
    if not all(isinstance(table, ops.DatabaseTable) for table in tables):
        return None
    backends = {id(table.source): table.source for table in tables}
    [backend] = backends.values() if len(backends) == 1 else [None]
    return backend if backend is not None and backend.name == "duckdb" else None


def _drop_what_was_let_go() -> None:
    while _LET_GO:
        backend, name = _LET_GO.pop()
        backend.raw_sql(f"DROP TABLE IF EXISTS {quoted(name)}")
