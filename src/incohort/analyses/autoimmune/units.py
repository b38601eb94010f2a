"""How often the count is low by patient, by visit and by admission: not the same question."""

from __future__ import annotations

from incohort.analyses.autoimmune.question import Question
from incohort.cohort.low_limits import visit_counts
from incohort.results import Findings, Layout, Measure, Row, Sentence
from incohort.shapes import tabular
from incohort.shapes.recorded import instead
from incohort.shapes.sets import YES, Base, Members
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.clustered import ClusteredShare, clustered_share

_TITLE = "By patient, or by visit?"
_UNITS = {
    "count": "Days with a count", "outpatient": "Outpatient visits", "admission": "Admissions",
}  # fmt: skip
_METHODS = (
    "Of visits, admissions and days: those with a count on one of their days. Patients are the "
    "clusters: Wilson's interval with the effective number. The design effect is how many times as "
    "large the variance is as if each visit were another patient's."
)


def units(question: Question) -> Findings:
    """The share with a low count of patients, and of visits, admissions and days with a count."""
    draft = question.telling("visits.from_on", "visits.kind")
    name, label = (
        "unit/patient/proportion",
        f"Patients with a count below the limit {question.when}",
    )
    if reason := question.uncounted:
        draft.none_in(name, label, reason, question.ill)
        return draft.findings("unit", _TITLE, Layout(sentences=instead(reason)))
    of_patients = draft.share_in(
        name, label, question.low, question.counted(question.ill), nobody="nobody has a count"
    )
    cells = tabular.share(of_patients)
    if _is_open(question):
        cells = cells[0], tabular.BLANK
    rows = [tabular.row("Patients", *cells, tabular.BLANK)]
    visits = _visits(question)
    keys = {kind: _unit(question, draft, visits, kind) for kind in _UNITS}
    rows += [_row(kind, *pair) for kind, pair in keys.items()]
    heads = ("Low / with a count", f"% ({question.scope.level} CI)", "Design effect")
    table = tabular.table(
        question.scope, "unit", f"A count below {question.limit:g} × 10⁹/L, by what is counted",
        "Of", heads, rows, _METHODS,
    )  # fmt: skip
    return draft.findings(
        "unit", _TITLE, Layout(sentences=_said(question, of_patients, keys), tables=(table,))
    )


def _visits(question: Question) -> Base:
    """All visits as a base, each with what is asked of its patient."""
    frame = visit_counts(question.cohort, question.limit)
    base = Base("visits", frame)
    base.cut("kind of visit", frame["kind"], tuple(_UNITS))
    base.flag("low count", frame["is_low"])
    for axis in question.ill.name.by_axis:
        base.borrow(axis, question.base)
    return base


def _unit(question: Question, draft: Draft, base: Base, kind: str) -> tuple[str, str]:
    """The share of a kind of visits, and its design effect."""
    of = Members(base, question.ill.name).where("kind of visit", kind).known("low count")
    low = of.where("low count", YES)
    tail, label = f"unit/{kind}", f"{_UNITS[kind]}: a count below the limit"
    level = question.scope.conf_level
    answer: ClusteredShare | NoEstimate
    frame = of.frame
    answer = clustered_share(
        frame["is_low"].to_numpy(dtype=bool), frame["patient_id"].to_numpy(), conf_level=level
    ) if len(frame) else NoEstimate("there is none with a count")  # fmt: skip
    share = answer if isinstance(answer, NoEstimate) else answer.share
    effect = answer if isinstance(answer, NoEstimate) else answer.design_effect
    return (
        draft.share_as(f"{tail}/proportion", label, share, low, of),
        draft.statistic_in(
            f"{tail}/design_effect", f"{_UNITS[kind]}: design effect", Measure.STATISTIC, effect,
            (of, low), n=of.n_persons,
        ),
    )  # fmt: skip


def _row(kind: str, share: str, effect: str) -> Row:
    return tabular.row(_UNITS[kind], *tabular.share(share), tabular.cell("estimate", effect))


def _is_open(question: Question) -> bool:
    """Whether some counts leave the limit open; of a restricted cohort it is not told."""
    return not question.lists_all and len(question.open_at(question.ill, question.limit)) > 0


def _said(
    question: Question, of_patients: str, keys: dict[str, tuple[str, str]]
) -> tuple[Sentence, ...]:
    """What counting visits makes of the share of patients."""
    kind = "outpatient" if question.cohort.has("visits") else "count"
    whom = {"outpatient": "outpatient visits with a count", "count": "days with a count"}[kind]
    share, effect = keys[kind]
    is_open = _is_open(question)
    by_patients = (
        f"at least {{{of_patients}:estimate}}" if is_open else f"{{{of_patients}:percent_ci}}"
    )
    return (
        Sentence(
            f"Counted by patients, {by_patients} were below {question.limit:g} × "
            f"10⁹/L {question.when}; of {whom} it was {{{share}:percent_ci}}. Patients are not "
            "seen equally often, so a share of visits is not a share of patients.",
            needs=(effect,),
            is_key=True,
        ),
    )
