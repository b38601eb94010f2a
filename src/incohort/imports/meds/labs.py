"""Laboratory events as rows of `labs`, and the neutrophil counts that have to be worked out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.imports.meds.events import MedsFile
from incohort.imports.meds.mapping import DerivedCount, LabCodes

# A limit as laboratories write one, and nothing else in the cell: "<0.05", "≥ 100".
_LIMIT = r"^\s*(<=|>=|<|>|≤|≥)\s*(\d+(?:\.\d+)?)\s*$"
_PLAIN = r"^\s*(\d+(?:\.\d+)?)\s*$"
_WORDED = {"≤": "<=", "≥": ">="}
_DIGITS = 9  # of a derived count in 10*9/L: to one cell per litre


class LabFate(StrEnum):
    """What became of a laboratory event."""

    WRITTEN = "written"
    NO_TIME = "no time of sampling"
    NO_NUMBER = "no number and no text"
    NOT_A_NUMBER = "a text that is no number"
    CONTRADICTION = "number and text contradict each other"


class CountFate(StrEnum):
    """Where a sample with a neutrophil share got its neutrophil count."""

    REPORTED = "reported by the laboratory"
    DERIVED = "derived from WBC, neutrophils % and bands %"
    DERIVED_WITHOUT_BANDS = "derived from WBC and neutrophils %, no bands given"
    NO_WBC = "none: no WBC at that time"
    LIMIT = "none: a part is only a limit"
    SEVERAL = "none: several values of a part at that time"
    OVER_100 = "none: the shares add up to more than 100 %"
    NO_BANDS = "none: no bands given"


_ORIGINS = {
    CountFate.DERIVED: "derived",
    CountFate.DERIVED_WITHOUT_BANDS: "derived_without_bands",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labs:
    """The rows of `labs` and how each event and each count came about.

    `rows` has the columns of the table and `x_origin`: `reported`, `derived` or
    `derived_without_bands`. `n_repeats` events said again what a written row says.
    """

    rows: ir.Table
    fates: dict[LabFate, int]
    n_repeats: int
    counts: dict[CountFate, int]


def labs_of(meds: MedsFile) -> Labs:
    """The laboratory rows of a MEDS file, with derived neutrophil counts where none is reported."""
    read = _read(meds.coded(LabCodes, analyte="analyte", unit="unit", factor="factor"))
    read = meds.connection.create_table("lab_events", read)
    fates = {LabFate(fate): n for fate, n in _tally(read, "fate").items()}
    kept = read.filter(read.fate == LabFate.WRITTEN)
    keys = ("patient_id", "analyte", "time", "number", "unit", "comparator", "factor")
    rows = meds.connection.create_table("lab_rows", kept.select(*keys).distinct())
    n_repeats = int(kept.count().execute()) - int(rows.count().execute())
    reported = _written(rows, ibis.literal("reported"))
    counts: dict[CountFate, int] = {}
    if meds.mapping.derive_anc is not None:
        derived = meds.connection.create_table("counts", _derived(rows, meds.mapping.derive_anc))
        counts = {CountFate(fate): n for fate, n in _tally(derived, "fate").items()}
        reported = reported.union(_written(*_as_rows(derived)))
    return Labs(rows=_numbered(reported), fates=fates, n_repeats=n_repeats, counts=counts)


def _read(events: ir.Table) -> ir.Table:
    """Events with number, comparator and fate; a text that is a limit gives both."""
    sign = events.text.re_extract(_LIMIT, 1).nullif("")
    sign = sign.cases(*_WORDED.items(), else_=sign)
    limit = events.text.re_extract(_LIMIT, 2).nullif("").try_cast("float64")
    plain = events.text.re_extract(_PLAIN, 1).nullif("").try_cast("float64")
    value = ibis.coalesce(events.number, limit, plain)
    differs = events.number != ibis.coalesce(limit, plain)
    fate = ibis.cases(
        (events.time.isnull(), LabFate.NO_TIME),
        (differs, LabFate.CONTRADICTION),
        (value.notnull(), LabFate.WRITTEN),
        (events.text.fill_null("").strip() == "", LabFate.NO_NUMBER),
        else_=LabFate.NOT_A_NUMBER,
    )
    return events.select(
        "patient_id", "analyte", "time", "unit", "factor", number=value, comparator=sign, fate=fate
    )


def _derived(rows: ir.Table, rule: DerivedCount) -> ir.Table:
    """One row per sample with a neutrophil share or count: its count, and where that is from."""
    parts = ("WBC", "NEUT_PCT", "BANDS_PCT", "ANC")
    canonical = rows.mutate(value=rows.number * rows.factor)
    is_part = {name: canonical.analyte == name for name in parts}
    samples = canonical.group_by("patient_id", "time").aggregate(
        **{f"n_{name}": is_part[name].sum() for name in parts},
        **{name: canonical.value.max(where=is_part[name]) for name in parts[:3]},
        has_limit=(canonical.comparator.notnull() & canonical.analyte.isin(parts[:3])).any(),
    )
    samples = samples.filter((samples.n_NEUT_PCT > 0) | (samples.n_ANC > 0))
    share = samples.NEUT_PCT + samples.BANDS_PCT.fill_null(0.0)
    has_no_bands = samples.n_BANDS_PCT == 0
    fate = ibis.cases(
        (samples.n_ANC > 0, CountFate.REPORTED),
        (samples.n_WBC == 0, CountFate.NO_WBC),
        (samples.has_limit, CountFate.LIMIT),
        (
            (samples.n_WBC > 1) | (samples.n_NEUT_PCT > 1) | (samples.n_BANDS_PCT > 1),
            CountFate.SEVERAL,
        ),
        (share > 100, CountFate.OVER_100),
        (has_no_bands & (rule.missing_bands == "not_derived"), CountFate.NO_BANDS),
        (has_no_bands, CountFate.DERIVED_WITHOUT_BANDS),
        else_=CountFate.DERIVED,
    )
    # Rounded to one cell per litre, so that 2.4 × 62.5 % is 1.5 and not a hair below the limit.
    anc = (samples.WBC * share / 100).round(_DIGITS)
    return samples.select("patient_id", "time", anc=anc, fate=fate)


def _as_rows(derived: ir.Table) -> tuple[ir.Table, ir.StringValue]:
    """The derived counts in the form of laboratory rows, and their origin."""
    kept = derived.filter(derived.fate.isin(tuple(_ORIGINS)))
    rows = kept.select(
        "patient_id",
        "time",
        "fate",
        analyte=ibis.literal("ANC"),
        number=kept.anc,
        unit=ibis.literal(load().analytes["ANC"].unit),
        comparator=ibis.null("string"),
    )
    origin = ibis.cases(*((rows.fate == fate, word) for fate, word in _ORIGINS.items()))
    return rows, origin


def _written(rows: ir.Table, origin: ir.StringValue) -> ir.Table:
    return rows.select(
        "patient_id", "analyte", "time", value="number", unit="unit", comparator="comparator",
        x_origin=origin,
    )  # fmt: skip


def _numbered(rows: ir.Table) -> ir.Table:
    """Rows in reading order; values of one analyte at one time are told apart by a number."""
    same = [rows.patient_id, rows.analyte, rows.time]
    apart = [rows.value, rows.comparator.fill_null(""), rows.unit]
    position = ibis.row_number().over(ibis.window(group_by=same, order_by=apart)) + 1
    several = rows.count().over(ibis.window(group_by=same)) > 1
    numbered = rows.mutate(specimen=several.ifelse(position.cast("string"), ibis.null("string")))
    ordered = numbered.order_by("patient_id", "time", "analyte", "specimen")
    return ordered.select(
        "patient_id", "analyte", taken_at=ordered.time.strftime("%Y-%m-%dT%H:%M:%S"),
        value="value", unit="unit", comparator="comparator", specimen="specimen",
        x_origin="x_origin",
    )  # fmt: skip


def _tally(table: ir.Table, column: str) -> dict[str, int]:
    counts = table.group_by(column).aggregate(n=table.count()).execute()
    return {str(name): int(n) for name, n in counts.itertuples(index=False, name=None)}
