"""Who has thyroid disease, and who of them was tested for anti-PMN antibodies."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import TESTS, Question
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import recorded, vocabulary
from incohort.shapes.characteristics import analyte, standard_variables
from incohort.shapes.characteristics_table import TableOne
from incohort.shapes.groups import Group
from incohort.shapes.people import DIAGNOSED, REST, THYROID_DISEASE
from incohort.shapes.recorded import instead
from incohort.shapes.shares import Asked, Shares, occurring, shares
from incohort.shapes.telling import Draft, telling

_SELECTION = "Who was tested and who was not"
_MORE = ("FT3", "TSH", "ANTI_TPO")
_ONLY_DIAGNOSED = (
    "diagnosed", "Thyroid disease diagnosed, and not the cause",
    ("thyroid disease is among the diagnoses, beside another cause or none: with thyroid_by = "
     "diagnosis they count."),
)  # fmt: skip
_ONLY_AS_CAUSE = (
    "as_cause", "Thyroid disease the cause, and not among the diagnoses",
    ("thyroid disease is the cause without being among the diagnoses: with thyroid_by = aetiology "
     "they count."),
)  # fmt: skip
_VERIFICATION = (
    "Where testing depended on what the clinician suspected, the share of positives among the "
    "tested is not that of all patients (verification bias). A small standardised difference in "
    "what is listed here does not rule that out."
)


def frequency(question: Question) -> Findings:
    """How many patients have thyroid disease, and each other cause."""
    draft = telling(question.scope, "patients.patient_id")
    members, axis = question.everybody, question.thyroid_axis
    total = draft.count_in("frequency/total/count", "Patients described", members)
    draft.sources = question.thyroid_sources
    has_gaps = question.scope.lists_all or len(members.unknown(axis)) > 0
    asked = Asked(
        name="frequency",
        title="Causes of neutropenia",
        axis=axis,
        labels=_labels(question),
        nobody="it is recorded of nobody described whether they have thyroid disease",
        reason=question.unrecorded,
        notes=(recorded.SHARES_NOTE,) if has_gaps else (),
        head="Cause",
    )
    causes = shares(draft, asked, members, total)
    layout = Layout(
        sentences=(*_said(question, causes), *_otherwise(question, draft)),
        tables=causes.layout.tables,
    )
    return draft.findings("frequency", "Frequency of thyroid disease", layout)


def _labels(question: Question) -> dict[str, str]:
    """Thyroid disease, then the other causes that somebody has."""
    first = {THYROID_DISEASE: "Thyroid disease"}
    if not question.by_cause:
        return first | {REST: "No thyroid disease recorded"}
    known, lists_all = vocabulary.labels("patients", "aetiology"), question.scope.lists_all
    return first | occurring(question.everybody, "aetiology", known, lists_all=lists_all)


def _said(question: Question, causes: Shares) -> tuple[Sentence, ...]:
    """How many have thyroid disease, and of how many it is not recorded."""
    if causes.reason:
        return instead(causes.reason)
    words = {True: ("the cause settled on", "cause"), False: ("among the diagnoses", "diagnosis")}
    what, noun = words[question.by_cause]
    share, absent = causes.keys.get(THYROID_DISEASE), causes.absent
    among = "the patients in whom it is recorded" if absent else "the patients"
    said = f"Thyroid disease was {what} in {{{share}:fraction_percent_ci}} of {among}."
    gaps = f"No {noun} is recorded in {{{absent}:count}}."
    is_key = {said: True, gaps: False}
    return tuple(
        Sentence(text, is_key=is_key[text]) for text, key in ((said, share), (gaps, absent)) if key
    )


def _otherwise(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """Who has thyroid disease by the other way of telling it, and is not counted here."""
    everybody = question.everybody
    if question.by_cause:
        others = everybody.where(DIAGNOSED, "yes").outside("aetiology", THYROID_DISEASE)
        name, label, words = _ONLY_DIAGNOSED
    else:
        others = everybody.where("aetiology", THYROID_DISEASE).outside(DIAGNOSED, "yes")
        name, label, words = _ONLY_AS_CAUSE
    if not len(others) and not question.scope.lists_all:
        return ()
    draft.sources = ("patients.aetiology", "diagnoses.condition")
    key = draft.count_in(f"frequency/{name}_only/count", label, others, of=everybody)
    return (Sentence(f"In {{{key}:count}} patients not counted here {words}"),)


def selection(question: Question) -> Findings:
    """Who of those with thyroid disease was tested, and how the others differ."""
    draft, thyroid, tested = question.telling(*TESTS), question.thyroid, question.tested
    key = draft.share_in(
        "anti_pmn/tested/proportion",
        f"Tested by {question.assay_label}, of those with thyroid disease",
        tested,
        thyroid,
        nobody="nobody described here has thyroid disease",
        absent=question.untested,
    )
    total, label = "selection/total/count", "Patients with thyroid disease"
    draft.count_in(total, label, thyroid, absent=question.unrecorded)
    groups = (
        Group(name="tested", label="Tested", members=tested),
        Group(name="not_tested", label="Not tested", members=thyroid.less(tested)),
    )
    if question.untested:
        for group in groups:
            tail, label = f"selection/{group.name}/n/count", f"{group.label}: patients"
            draft.none_in(tail, label, question.untested, thyroid)
        layout = Layout(sentences=instead(question.untested))
        return draft.findings("selection", _SELECTION, layout)
    listed = (*standard_variables(), *map(analyte, _MORE))
    lists_all, frame = question.scope.lists_all, thyroid.frame
    table = TableOne(
        draft=draft, name="selection", title="Tested and not tested patients with thyroid disease",
        groups=groups, group_sources=draft.sources,
    ).of([v for v in listed if lists_all or frame[v.column].notna().any()])  # fmt: skip
    said = f"Of the patients with thyroid disease, {{{key}:fraction_percent_ci}} were tested."
    sentences = (Sentence(said, is_key=True),)
    layout = Layout(sentences=sentences, tables=(table,), cautions=(_VERIFICATION,))
    return draft.findings("selection", _SELECTION, layout)
