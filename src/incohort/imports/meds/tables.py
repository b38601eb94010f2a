"""Events of a MEDS file as rows of `patients`, `events`, `medications` and `diagnoses`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.imports.meds.events import MedsFile, last_part
from incohort.imports.meds.mapping import DiagnosisCodes, DrugCodes, SexCodes

NO_TIME = "no time"
REPEAT = "says again what a row says already"
DIFFERENT = "contradicts another event of the patient: the cell was left empty"
AFTER_DEATH = "an order that starts after the day of death"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one table, how many events stand in them, and why others don't."""

    table: ir.Table
    n_written: int
    left_out: dict[str, int] = field(default_factory=dict)


def patients_of(meds: MedsFile, labs: ir.Table) -> Rows:
    """One row for each patient of the file, whether or not anything else of them is written.

    Args:
        meds: The file.
        labs: The rows of `labs`, from which the first neutrophil count is taken.
    """
    left_out: dict[str, int] = {}
    n_written = 0
    patients = meds.events.select("patient_id").distinct()
    sex = meds.coded(SexCodes, sex="sex").select("patient_id", said="sex")
    birth = meds.under(meds.mapping.birth)
    born = birth.select("patient_id", said=birth.time.date())
    for name, events in (("sex", sex), ("born", born)):
        said, n = _agreed(events, left_out)
        n_written += n
        patients = _joined(patients, said.rename({name: "said"}))
    patients = _joined(patients, _index_dates(meds, labs))
    index = patients.index_date
    if meds.mapping.birth is None or meds.mapping.birth.known_to == "day":
        age = {"birth_date": patients.born}
    else:  # the day is made up, so the age is the difference of the years
        age = {"age_years": (index.year() - patients.born.year()).cast("int64")}
    table = patients.select("patient_id", "sex", **age, index_date=index, x_index_by="x_index_by")
    return Rows(table=table.order_by("patient_id"), n_written=n_written, left_out=left_out)


def events_of(meds: MedsFile) -> Rows:
    """Deaths and admissions to hospital, one row per patient and day."""
    kinds = (("death", meds.mapping.death), ("hospitalisation", meds.mapping.admission))
    parts = [meds.under(entry).mutate(event=ibis.literal(name)) for name, entry in kinds if entry]
    if not parts:
        parts = [meds.under(None).mutate(event=ibis.literal(""))]
    events = ibis.union(*parts) if len(parts) > 1 else parts[0]
    dated = events.filter(events.time.notnull())
    rows = dated.select("patient_id", "event", occurred_on=dated.time.date()).distinct()
    return _rows(rows.order_by("patient_id", "occurred_on", "event"), events, dated)


def medications_of(meds: MedsFile) -> Rows:
    """Drugs of the dictionary as ordered or given: one row per patient, drug and first day.

    The file does not tie the end of an order to its beginning, nor does it suspect a drug: end and
    role stay empty. An order that starts after the day of death was never taken.
    """
    orders = meds.coded(DrugCodes, drug="drug")
    dated = orders.filter(orders.time.notnull())
    died = meds.under(meds.mapping.death)
    deaths = died.group_by("patient_id").aggregate(died=died.time.min().date())
    joined = _joined(dated, deaths)
    alive = joined.filter(joined.died.isnull() | (joined.time.date() <= joined.died))
    codes = ibis.memtable(
        [{"drug": drug.name, "atc": drug.atc} for drug in load().drugs],
        schema={"drug": "string", "atc": "string"},
    )
    named = alive.inner_join(codes, "drug")
    rows = named.select("patient_id", "atc", "drug", started_on=named.time.date()).distinct()
    written = _rows(rows.order_by("patient_id", "started_on", "drug"), orders, dated)
    n_after = int(dated.count().execute()) - int(alive.count().execute())
    repeats = written.left_out.get(REPEAT, 0) - n_after
    return Rows(
        table=written.table,
        n_written=written.n_written,
        left_out=written.left_out | {REPEAT: repeats, AFTER_DEATH: n_after},
    )


def diagnoses_of(meds: MedsFile) -> Rows:
    """Conditions of the dictionary: one row per patient and condition, on the day first coded."""
    events = meds.coded(
        DiagnosisCodes, condition="condition", subtype="subtype", code_system="code_system"
    )
    dated = events.filter(events.time.notnull())
    coded = dated.mutate(diagnosed_on=dated.time.date(), said=last_part(dated.code))
    same = [coded.patient_id, coded.condition, coded.subtype]
    order = [coded.time, coded.code]
    ranked = coded.mutate(rank=ibis.row_number().over(ibis.window(group_by=same, order_by=order)))
    first = ranked.filter(ranked["rank"] == 0)
    rows = first.select(
        "patient_id", "condition", "subtype", "diagnosed_on", "code_system", code="said"
    ).select("patient_id", "condition", "subtype", "diagnosed_on", "code", "code_system")
    return _rows(rows.order_by("patient_id", "diagnosed_on", "condition", "subtype"), events, dated)


def _index_dates(meds: MedsFile, labs: ir.Table) -> ir.Table:
    """Per patient the first date that the mapping's rules give, and which rule gave it."""
    counts = labs.filter(labs.analyte == "ANC")
    admitted = meds.under(meds.mapping.admission)
    by_rule = {
        "first_count": counts.select("patient_id", day=counts.taken_at.left(10).cast("date")),
        "first_admission": admitted.select("patient_id", day=admitted.time.date()),
    }
    parts = []
    for position, rule in enumerate(meds.mapping.index_date):
        first = by_rule[rule].group_by("patient_id").aggregate(day=lambda t: t.day.min())
        parts.append(first.mutate(position=ibis.literal(position), rule=ibis.literal(rule)))
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    every = every.filter(every.day.notnull())
    return every.group_by("patient_id").aggregate(
        index_date=every.day.argmin(every.position), x_index_by=every.rule.argmin(every.position)
    )


def _agreed(events: ir.Table, left_out: dict[str, int]) -> tuple[ir.Table, int]:
    """What all of a patient's events agree on, and how many patients that is."""
    each = events.group_by("patient_id").aggregate(
        n=events.count(), n_said=events.said.count(), n_different=events.said.nunique(),
        said=events.said.min(),
    )  # fmt: skip
    agreed = each.n_different == 1
    sums = {
        "written": agreed.sum(),
        "repeats": agreed.ifelse(each.n_said - 1, 0).sum(),
        "different": (each.n_different > 1).ifelse(each.n_said, 0).sum(),
        "no_time": (each.n - each.n_said).sum(),
    }
    totals = each.aggregate(**{name: n.fill_null(0) for name, n in sums.items()}).execute()
    counts = {name: int(totals[name].iloc[0]) for name in sums}
    for reason, name in ((REPEAT, "repeats"), (DIFFERENT, "different"), (NO_TIME, "no_time")):
        left_out[reason] = left_out.get(reason, 0) + counts[name]
    return each.filter(agreed).select("patient_id", "said"), counts["written"]


def _rows(rows: ir.Table, events: ir.Table, dated: ir.Table) -> Rows:
    n_events, n_dated, n_rows = (int(table.count().execute()) for table in (events, dated, rows))
    return Rows(
        table=rows,
        n_written=n_rows,
        left_out={NO_TIME: n_events - n_dated, REPEAT: n_dated - n_rows},
    )


def _joined(table: ir.Table, part: ir.Table) -> ir.Table:
    joined = table.left_join(part, "patient_id")
    return joined.drop("patient_id_right") if "patient_id_right" in joined.columns else joined


def tables_of(meds: MedsFile, labs: ir.Table) -> Iterator[tuple[str, Rows]]:
    """Every table beside `labs` that has rows; `patients` always."""
    yield "patients", patients_of(meds, labs)
    for name, make in (
        ("medications", medications_of),
        ("diagnoses", diagnoses_of),
        ("events", events_of),
    ):
        yield name, make(meds)
