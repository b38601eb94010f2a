"""What patients with autoimmune disease have beside a low count: each mark true, false or open."""

from __future__ import annotations

from functools import reduce

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.cytopenia import anaemia
from incohort.cohort.daily import meets
from incohort.cohort.high_risk import any_flag
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy
from incohort.cohort.values import dated, one_each, wide
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

_BY_LIMIT = {  # the mark, and which of the alternatives of `autoimmune_marks` it meets
    "wbc": "white_cells", "lymphocytes": "lymphocytes", "rheumatoid_factor": "rheumatoid_factor",
    "low_c4": "low_c4",
}  # fmt: skip
_ANALYTES = ("HB", "PLT", "WBC", "LYMPH", "RF", "C4")
_DRUGS = (
    "methotrexate", "sulfasalazine", "hydroxychloroquine", "leflunomide", "azathioprine",
    "prednisone", "abatacept", "tocilizumab", "rituximab",
)  # fmt: skip
_TNF, _TNF_GROUP = "TNF inhibitor", "L04AB"
_STEROIDS, _INTO_MUSCLE = "H02AB", "intramuscular"
OF_LABS = ("anaemia", "platelets", *_BY_LIMIT)
OF_DRUGS = (*_DRUGS[:6], "im_steroid", "tnf_inhibitor", *_DRUGS[6:])
MARKS = (*OF_LABS, "anti_ro_la", "admission", *OF_DRUGS)


def autoimmune_marks(cohort: Cohort, choices: AutoimmuneChoices) -> pd.DataFrame:
    """One row per patient in the order of `patient_id`, each of `MARKS` as True, False or None.

    - Values are those nearest the index date, at most `window_days` away; one without a date stands
      for the index date. `anti_ro_la` is false where both were negative.
    - `admission`: an admission to hospital for an infection, at any time. Where nobody has one, it
      was not recorded.
    - A drug is true where it was given at any time, false where other drugs of the patient are
      recorded and it is not, or where the cohort says that it collected everything; open where a
      name is not known, or is that of a wider group.
    """
    is_whole = bool(cohort.collects("concurrent_medications"))
    is_told = bool(cohort.collects("admissions")) or cohort.records(
        "events", "event", "hospitalisation"
    )
    frame = frame_of(cohort, _marks, choices, is_whole, is_told)
    return tidy(frame, ("patient_id", *MARKS), MARKS, whole=())


def _marks(
    cohort: Cohort, choices: AutoimmuneChoices, has_all_drugs: bool, tells_admissions: bool
) -> ir.Table:
    table = cohort.tables["patients"].select("patient_id", "sex")
    parts = (
        _of_labs(table, cohort, choices),
        _of_antibodies(table, cohort),
        _of_admissions(table, cohort, is_told=tells_admissions),
        _of_drugs(table, cohort, is_complete=has_all_drugs),
    )
    return reduce(beside, parts, table).select("patient_id", *MARKS).order_by("patient_id")


def _nothing(table: ir.Table, *names: str) -> ir.Table:
    return table.select("patient_id", **dict.fromkeys(names, ibis.null("boolean")))


def _of_labs(table: ir.Table, cohort: Cohort, choices: AutoimmuneChoices) -> ir.Table:
    if not cohort.has("labs"):
        return _nothing(table, *OF_LABS)
    rows = dated(cohort.tables["labs"], cohort.tables["patients"])
    rows = rows.filter(rows.analyte.isin(_ANALYTES))
    values = wide(one_each(rows, "index", choices.window_days), _ANALYTES, _ANALYTES)
    each = beside(table, values)
    limits = (load().threshold("anaemia", name).value for name in ("who_men", "who_women"))
    few = load().threshold("thrombocytopenia", choices.platelets)
    marks = {
        "anaemia": anaemia(each.lab_HB, each.sign_HB, each.sex, *limits),
        "platelets": meets(each.lab_PLT, each.sign_PLT, few),
    }
    for name, alternative in _BY_LIMIT.items():
        limit = load().threshold("autoimmune_marks", alternative)
        value, sign = each[f"lab_{limit.analyte}"], each[f"sign_{limit.analyte}"]
        marks[name] = meets(value, sign, limit)
    return each.select("patient_id", **marks)


def _of_antibodies(table: ir.Table, cohort: Cohort) -> ir.Table:
    if not cohort.has("autoantibodies"):
        return _nothing(table, "anti_ro_la")
    rows = cohort.tables["autoantibodies"]
    is_positive, is_negative = rows.result == "positive", rows.result == "negative"
    each = rows.group_by("patient_id").aggregate(
        **{
            name: ibis.cases(
                ((is_positive & (rows.antibody == name)).any(), True),
                ((is_negative & (rows.antibody == name)).any(), False),
            )
            for name in ("anti_ro", "anti_la")
        }
    )
    return each.select("patient_id", anti_ro_la=any_flag(each.anti_ro, each.anti_la))


def _of_admissions(table: ir.Table, cohort: Cohort, *, is_told: bool) -> ir.Table:
    if not cohort.has("events") or not is_told:
        return _nothing(table, "admission")
    rows = cohort.tables["events"]
    is_for_it = rows.detail.lower().contains("infection")
    rows = rows.filter(rows.event == "hospitalisation").mutate(is_for_it=is_for_it)
    each = rows.group_by("patient_id").aggregate(
        is_any=rows.is_for_it.any(), is_every=rows.is_for_it.count() == rows.count()
    )
    both = beside(table, each)
    is_open = ~both.is_every.fill_null(True)  # noqa: FBT003 — a value
    return both.select(
        "patient_id", admission=ibis.cases((both.is_any, True), (is_open, None), else_=False)
    )


def _of_drugs(table: ir.Table, cohort: Cohort, *, is_complete: bool) -> ir.Table:
    if not cohort.has("medications"):
        return _nothing(table, *OF_DRUGS)
    rows = cohort.tables["medications"]
    names = names_in(rows.drug)
    into_muscle = (
        rows.drug.lower().contains(_INTO_MUSCLE) & rows.atc.startswith(_STEROIDS)
    ).fill_null(False)  # noqa: FBT003 — a value
    flags: dict[str, ir.BooleanValue] = {"im_steroid": into_muscle}
    doubts: dict[str, ir.BooleanValue] = {"im_steroid": ibis.literal(False)}  # noqa: FBT003 — a value
    for name, codes in _codes().items():
        flags[name] = names.is_one_of(rows.atc, rows.drug, codes)
        doubts[name] = names.may_be_one_of(rows.atc, rows.drug, codes) & ~into_muscle
    flagged = rows.mutate(
        **{f"is_{name}": flag for name, flag in flags.items()},
        **{f"may_{name}": doubt for name, doubt in doubts.items()},
    )
    each = flagged.group_by("patient_id").aggregate(
        is_recorded=flagged.count() > 0,
        **{name: flagged[name].any() for f in flags for name in (f"is_{f}", f"may_{f}")},
    )
    both = beside(table, each)
    known = both.is_recorded.fill_null(is_complete)
    return both.select(
        "patient_id",
        **{
            f: ibis.cases((both[f"is_{f}"], True), (both[f"may_{f}"], None), (known, False))
            for f in flags
        },
    )


def _codes() -> dict[str, list[str]]:
    """The codes of each drug, and of TNF inhibitors that of their group, too."""
    by_name = {drug.name: drug.all_atc for drug in load().drugs}
    tnf = {code for drug in load().drugs_of(_TNF) for code in drug.all_atc}
    single = {name: sorted(by_name[name]) for name in _DRUGS}
    return single | {"tnf_inhibitor": sorted({*tnf, _TNF_GROUP})}
