"""Neutropenia on a drug that is given continuously: how often, and in whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incohort.analyses.late_onset.question import Question
from incohort.cohort.on_treatment import CLASSES
from incohort.dictionary import load
from incohort.results import Cell, Findings, Layout, Measure, Row, Sentence
from incohort.shapes import vocabulary
from incohort.shapes.recorded import instead
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import BLANK, cell, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.two_by_two import TwoByTwo
from incohort.stats import NoEstimate
from incohort.stats.contingency import ChiSquare, chi_square

_TITLE = "Neutropenia on a TNF or interleukin-6 inhibitor"
_LOW = "count below the limit on a TNF or interleukin-6 inhibitor"
_GIVEN = "given a TNF or interleukin-6 inhibitor"
_NOBODY = "nobody described was given such a drug and counted on it"
_SOURCES = {
    "sex": ("patients.sex",), "ana": ("autoantibodies.antibody", "autoantibodies.result"),
    "dmard": ("diagnoses.condition",),
}  # fmt: skip
_OTHERS = (
    "Pearson's test, without correction, as the study of 2006 has it; the odds ratio is that of "
    "the sample, with Woolf's interval. Each row leaves out those in whom it is not recorded, or "
    "who were given two of the drugs."
)
_NOT_CAUSE = (
    "Who goes with neutropenia is not why: a low count before the drug, and a count that fell "
    "under an earlier drug, may be the patient's own."
)


@dataclass(frozen=True, slots=True)
class Variable:
    """What patients are told apart by: its key, its label, its column, its levels in words."""

    name: str
    label: str
    axis: str
    levels: Mapping[str, str]


def on_treatment(question: Question) -> Findings:
    """How many have a low count on a TNF or interleukin-6 inhibitor, and what goes with it."""
    draft, limit = question.telling(), question.design.on_treatment_limit
    if question.absent:
        return draft.findings("on_treatment", _TITLE, Layout(sentences=instead(question.absent)))
    given, counted = _sets(question)
    low = counted.where(_LOW, YES)
    key = draft.share_in(
        "on_treatment/frequency", f"A count below {limit:g} on the drug", low, counted,
        nobody=_NOBODY,
    )  # fmt: skip
    unseen = draft.count_in(
        "on_treatment/uncounted/count", "Not known to be low or not", given.unknown(_LOW), given
    )
    n = draft.count_in("on_treatment/given/count", "Given such a drug", given, question.everybody)
    sentences = (
        Sentence(
            f"On a TNF or interleukin-6 inhibitor a count below {limit:g} × 10⁹/L was seen in "
            f"{{{key}:fraction_percent_ci}}.", is_key=True,
        ),
        Sentence(
            f"Of {{{unseen}:count}} given such a drug it can't be told: no count on the drug, or "
            "none that decides.", holds=len(given.unknown(_LOW)) > 0,
        ),
        Sentence(
            "Nobody here was given a TNF or interleukin-6 inhibitor.",
            needs=(n,), holds=not len(given),
        ),
    )  # fmt: skip
    if not len(given) and not draft.scope.lists_all:
        return draft.findings("on_treatment", _TITLE, Layout(sentences=sentences))
    rows = [line for variable in _variables(question) for line in _rows(draft, variable, counted)]
    level = draft.scope.level
    heads = ("Low, n/N (%)", f"Odds ratio ({level} CI)", "χ²", "P")
    name, caption = "on_treatment", f"Who had a count below {limit:g} × 10⁹/L on the drug"
    tables = (table(draft.scope, name, caption, "Patients", heads, rows, _OTHERS),)
    layout = Layout(sentences=sentences, tables=tables, cautions=(_NOT_CAUSE,))
    return draft.findings("on_treatment", _TITLE, layout)


def _sets(question: Question) -> tuple[Members, Members]:
    """Who was given such a drug, and who of them was counted on it so that it can be told."""
    base, frame = question.base, question.on_treatment
    base.flag(_GIVEN, question.by_patient(frame["is_given"]))
    given = question.everybody.where(_GIVEN, YES)
    low = question.by_patient(frame["is_low"])
    base.flag(_LOW, low, base.everybody.where(_GIVEN, YES))
    return given, given.known(_LOW)


def _variables(question: Question) -> list[Variable]:
    """What the study of 2006 looked at."""
    base, frame = question.base, question.on_treatment
    flags = {
        "methotrexate": ("Methotrexate", "methotrexate", "methotrexate"),
        "prednisolone": ("Prednisolone", "prednisolone", "prednisolone"),
        "dmard": ("Neutropenia under an earlier drug", "earlier", "neutropenia under another drug"),
        "baseline_below_4": (
            "Count below 4.0 before the drug", "was_below_4", "count below 4.0 before the drug"
        ),
    }  # fmt: skip
    codes = [drug.atc for name in CLASSES for drug in load().drugs_of(name)]
    labels = {code: load().substance(code) for code in codes}
    drug = base.cut("drug given continuously", question.by_patient(frame["drug"]), codes)
    ana = base.cut("ANA", question.by_patient(frame["ana"]), ("positive", "negative"))
    sexes = {word: vocabulary.labels("patients", "sex")[word] for word in ("female", "male")}
    variables = [
        Variable("sex", "Sex", "sex", sexes),
        Variable("drug", "Drug", drug, labels),
        Variable("ana", "Antinuclear antibodies", ana, {"positive": "ANA +", "negative": "ANA −"}),
    ]
    for name, (label, column, axis) in flags.items():
        base.flag(axis, question.by_patient(frame[column]))
        variables.append(Variable(name, label, axis, {YES: "Yes", NO: "No"}))
    return variables


def _rows(draft: Draft, variable: Variable, counted: Members) -> list[Row]:
    """A heading with the test, and a row for each level that somebody is in."""
    before = draft.sources
    draft.sources = (*before, *_SOURCES.get(variable.name, ()))
    whole = counted.base.everybody if draft.scope.lists_all else counted
    levels = {
        word: label for word, label in variable.levels.items()
        if len(variable.levels) == 2 or len(whole.where(variable.axis, word))
    }  # fmt: skip
    groups = [counted.where(variable.axis, word) for word in levels]
    tail = f"on_treatment/{variable.name}"
    tested = _tested(draft, tail, variable.label, groups)
    ratio = BLANK
    if len(groups) == 2:
        two = TwoByTwo(
            draft=draft, first=groups[0], second=groups[1], axis=_LOW, events=(YES,),
            whole=counted.known(variable.axis),
        )  # fmt: skip
        key = two.odds_ratio(f"{tail}/odds_ratio", f"{variable.label}: odds ratio", "sample")
        ratio = cell("estimate_ci", key)
    lines = [row(variable.label, BLANK, ratio, *tested)]
    for (word, label), group in zip(levels.items(), groups, strict=True):
        key = draft.share_in(
            f"{tail}/{word.casefold()}/proportion", f"{variable.label}: {label}",
            group.where(_LOW, YES), group, nobody="nobody is in this group",
        )  # fmt: skip
        lines.append(row(label, cell("fraction_percent", key), BLANK, BLANK, BLANK, level=1))
    draft.sources = before
    return lines


def _tested(draft: Draft, tail: str, label: str, groups: list[Members]) -> tuple[Cell, Cell]:
    """Pearson's statistic and its P."""
    cells = [part for group in groups for part in (group.where(_LOW, YES), group.where(_LOW, NO))]
    if len(groups) < 2:
        return BLANK, BLANK

    def test(*counts: int) -> ChiSquare | NoEstimate:
        return chi_square([counts[i : i + 2] for i in range(0, len(counts), 2)])

    answer = test(*map(len, cells))
    value = answer if isinstance(answer, NoEstimate) else answer.statistic
    statistic = draft.statistic_in(
        f"{tail}/chi_square", f"{label}: χ²", Measure.STATISTIC, value, cells,
    )  # fmt: skip
    p_value = draft.test_in(f"{tail}/p_value", f"{label}: P", answer, cells)
    draft.from_sets(p_value, cells, test)
    return cell("estimate", statistic), cell("p_value", p_value)
