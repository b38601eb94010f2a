"""Felty's syndrome by four definitions, and what stands behind a low count: who can't be told."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from incohort.analyses.autoimmune.question import DIAGNOSES, Question
from incohort.cohort.autoimmune_choices import FELTY
from incohort.cohort.neutropenia_cause import UNCLASSIFIED
from incohort.results import Findings, Layout, Sentence
from incohort.shapes.classified import (
    Classes,
    Classified,
    class_table,
    classified,
    definition_table,
)
from incohort.shapes.recorded import NOT_RECORDED, first_reason, instead, no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.telling import Draft

_FOR_THE_STUDY_TEAM = (
    "of a restricted cohort the definitions of Felty's syndrome are for the study team: beside the "
    "counts below each limit they would give small numbers back"
)
_NOT_ASKED = (
    "rheumatoid arthritis is not among the diseases asked about (diseases), so that nobody is "
    "asked about Felty's syndrome"
)
_FELTY = "Felty's syndrome in rheumatoid arthritis"
_CAUSES = "What stands behind the low count?"
_ITEMS = {
    "rheumatoid_arthritis": "Rheumatoid arthritis", "anc": "Neutrophils", "spleen": "Spleen",
    "clone": "Clone of T cells", "wbc": "White cells", "size": "Large granular lymphocytes",
    "phenotype": "Phenotype", "duration": "Duration", "clonality": "Clonality", "drug": "Drugs",
    "haematological": "Diseases of the blood", "other_cytopenia": "Haemoglobin or platelets",
}  # fmt: skip
_BECAUSE = {
    "not_collected": "the cohort does not say that it collected all",
    "undated": "a date that decides is missing",
    "unknown_name": "a drug's name is not known",
    "one_sided": "given with < or >",
    "not_counted": "not counted",
    "not_examined": "not examined",
    "not_tested": "not tested",
    "one_method": "one method alone",
    "undecided": "results that decide nothing",
    "one_count": "one count alone",
    "too_short": "observed too shortly",
    "fell_and_rose": "fell and rose again",
}
_LABELS = {
    "drug": "On a drug that can cause it, or at most seven days after",
    "clone": "A clone of T cells",
    "haematological": "A disease of the blood",
    "other_cytopenia": "Anaemia or few platelets beside it",
    "none_found": "None of these",
}
_LADDER = (
    "The questions are asked in this order, and the first that holds is told; where one can't be "
    "answered, those after it are not asked. Which diseases are diseases of the blood is a choice "
    "without a source. On a drug is no proof that it was the drug."
)
_DEFINITIONS = (
    "The clinic's definition asks for a low count alone, the triad for a large spleen, too. "
    "Gorodetskiy 2021 calls only those Felty in whom a clone was looked for and not found, Savola "
    "2018 takes the clinic's word. What is known not to hold settles the answer, whatever is "
    "missing."
)


def causes(question: Question) -> Findings:
    """The first cause that holds of each neutropenic patient, and of how many it can't be told."""
    draft = question.telling("medications.drug", "medications.started_on", "clonality.result")
    low, total = question.low, "cause/total/count"
    if reason := question.uncounted:
        draft.none_in(total, "Neutropenic", reason, question.ill)
        return draft.findings("cause", _CAUSES, Layout(sentences=instead(reason)))
    key = draft.count_in(total, "Neutropenic, with a disease asked about", low)
    frame = question.defined
    words = _Words(name="cause", label="Cause", labels=_LABELS, open_word=UNCLASSIFIED)
    asked = _asked(question, frame, "cause", words, ("cause_missing", "cause_because"))
    classes = classified(draft, asked, low)
    caption = f"Causes of a count below {question.limit:g} × 10⁹/L, the first that holds"
    table = class_table(draft, classes, key, caption=caption, head="Cause", notes=(_LADDER,))
    sentences = (*_of_drugs(question, classes, key), *_of_clones(question, draft))
    return draft.findings("cause", _CAUSES, Layout(sentences=sentences, tables=(table,)))


def _of_drugs(question: Question, classes: Classified, total: str) -> tuple[Sentence, ...]:
    """Who was on a drug, and of whom it can't be told; of a restricted cohort in two sentences."""
    known = (
        "Known to have been on a drug that can cause it, or to have ended one at most seven days "
        f"before: {{{classes.shares['drug']}:count}} of {{{total}:count}} neutropenic patients "
        f"(below {question.limit:g} × 10⁹/L)"
    )
    left = f"n {{{classes.left}:count}} it can't be told (missing first: {classes.lacking})."
    if question.lists_all:
        left = f"n {{{classes.left}:count}} of the neutropenic the cause can't be told."
        return Sentence(f"{known}.", is_key=True), Sentence(f"I{left}", is_key=True)
    is_open = len(classes.asked.open(question.low)) > 0
    return (Sentence(f"{known}; i{left}" if is_open else f"{known}.", is_key=True),)


def _of_clones(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """How many of the neutropenic without a known cause have T-LGL leukaemia among diagnoses."""
    low, _ = question.compared
    rows = question.cohort.records("diagnoses", "condition", "t_lgl_leukaemia")
    absent = "" if rows or question.lists_all else "nobody's diagnosis is T-LGL leukaemia here"
    before, draft.sources = draft.sources, DIAGNOSES
    key = draft.share_in(
        "cause/lgl", "T-LGL leukaemia among the diagnoses, of the neutropenic compared",
        low.where(question.t_lgl, YES), low, nobody="nobody is neutropenic", absent=absent,
    )  # fmt: skip
    draft.sources = before
    whom = "without a known cause " if question.design.compared == "unexplained" else ""
    said = (
        f"T-LGL leukaemia was diagnosed in {{{key}:fraction_percent_ci}} of the neutropenic {whom}"
    )
    return (Sentence(f"{said.rstrip()}."),)


def felty(question: Question) -> Findings:
    """Who has Felty's syndrome by each definition, and of whom it can't be told."""
    draft = question.telling("findings.result", "clonality.result", "labs.LGL")
    members = question.with_disease("rheumatoid_arthritis")
    name, total = "felty/total/count", "Patients with rheumatoid arthritis"
    reason = first_reason(no_table(question.cohort, "labs", "diagnoses"))
    nobody = "nobody here has rheumatoid arthritis, so that nobody is asked about Felty's syndrome"
    if not reason and not question.cohort.is_open:
        reason = _FOR_THE_STUDY_TEAM
    if not reason and "rheumatoid_arthritis" not in question.design.asked_diseases:
        reason = _NOT_ASKED
    if not reason and not question.lists_all and not len(members):
        reason = nobody
    if reason:
        draft.none_in(name, total, reason, members)
        return draft.findings("felty", _FELTY, Layout(sentences=instead(reason)))
    key = draft.count_in(name, total, members)
    kinds = {
        kind: classified(draft, _definition(question, kind), members, only=(YES,))
        for kind in (*FELTY, "ra_t_lgl")
    }
    table = definition_table(
        draft, "felty", tuple(kinds.values()), caption="Felty's syndrome, by definition",
        head="Definition", notes=(_DEFINITIONS,),
    )  # fmt: skip
    sentences = (_of_felty(question, kinds, key), _of_untested(question, draft, members))
    return draft.findings("felty", _FELTY, Layout(sentences=sentences, tables=(table,)))


def _definition(question: Question, kind: str) -> Classes:
    limit = f"{question.design.felty_limit:g}"
    labels = {
        "clinic": f"Clinic: a count below {limit}",
        "triad": f"Triad: a count below {limit}, and a large spleen",
        "clone_free": f"Without a clone: a count below {limit}, and no clone of T cells",
        "barnes1971": "Barnes 1971: white cells below 3.5, and a count of 2.0 or lower that day",
        "ra_t_lgl": "T-LGL leukaemia beside rheumatoid arthritis",
    }
    column = kind if kind == "ra_t_lgl" else f"felty_{kind}"
    frame = question.defined.assign(
        **{column: question.defined[column].map({True: YES, False: NO}).astype(object)}
    )
    words = _Words(name=f"felty/{kind}", label=labels[kind], labels={YES: "Yes", NO: "No"})
    return _asked(question, frame, column, words, (f"missing_{column}", f"because_{column}"))


def _of_felty(question: Question, kinds: dict[str, Classified], total: str) -> Sentence:
    asked = question.design.felty
    chosen, limit = kinds[asked], f"{question.design.felty_limit:g}"
    words = {
        "clinic": f"by the clinic's definition (a count below {limit} × 10⁹/L)",
        "triad": "by the triad",
        "clone_free": "by a definition that excludes a clone",
        "barnes1971": "by Barnes' criteria",
    }
    others = "; ".join(
        f"{words[kind]} {{{kinds[kind].shares[YES]}:count}}, open in {{{kinds[kind].left}:count}}"
        for kind in FELTY
        if kind != asked
    )
    return Sentence(
        f"Known to have Felty's syndrome {words[asked]}: {{{chosen.shares[YES]}:count}} of "
        f"{{{total}:count}} patients with rheumatoid arthritis, and in {{{chosen.left}:count}} it "
        f"can't be told; {others}.",
        is_key=True,
    )


def _of_untested(question: Question, draft: Draft, members: Members) -> Sentence:
    """In how many of those with Felty's syndrome nobody looked for a clone."""
    question.base.flag("is_clonal", question.defined["is_clonal"])
    ill = members.where(f"felty_{question.design.felty}", YES)
    left = ill.unknown("is_clonal")
    key = draft.count_in(
        "felty/untested/count", "Felty's syndrome, and not known whether there is a clone", left,
        of=ill,
    )  # fmt: skip
    return Sentence(
        f"In {{{key}:count}} of those with Felty's syndrome it is not known whether there is a "
        "clone of T cells: by a definition that excludes one, they may not be Felty.",
        holds=len(left) > 0,
        is_key=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How a classification is called, in keys and in print, and its classes."""

    name: str
    label: str
    labels: dict[str, str]
    open_word: str = NOT_RECORDED


def _asked(
    question: Question, frame: pd.DataFrame, column: str, words: _Words, missing: tuple[str, str]
) -> Classes:
    """A classification of the frame, made known of the base.

    What is missing is told with why, but of a restricted cohort, in which each pair would be a row.
    """
    item, because = (frame[part].astype(object) for part in missing)
    pairs = [
        None if pd.isna(what) else what if question.lists_all else f"{what}/{why}"
        for what, why in zip(item, because, strict=True)
    ]
    named = [*_ITEMS] if question.lists_all else sorted({pair for pair in pairs if pair})
    asked = Classes(
        name=words.name, label=words.label, axis=column, labels=words.labels,
        missing=missing[0], items={pair: _item(pair) for pair in named},
        nobody="there are no such patients", of_all=True, open_word=words.open_word,
    )  # fmt: skip
    asked.cut(question.base, frame[column].astype(object), pd.Series(pairs, dtype=object))
    return asked


def _item(pair: str) -> str:
    item, _, because = pair.partition("/")
    return f"{_ITEMS[item]} ({_BECAUSE[because]})" if because in _BECAUSE else _ITEMS[item]
