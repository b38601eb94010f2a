"""What goes with a low count: drugs, blood counts, antibodies and admissions for infection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import assert_never

from incohort.analyses.autoimmune.parameters import Test
from incohort.analyses.autoimmune.question import Question
from incohort.cohort.autoimmune_marks import OF_DRUGS, OF_LABS
from incohort.results import (
    Estimate,
    Figure,
    Findings,
    Layout,
    NotEstimable,
    Result,
    Sentence,
    Series,
    clauses,
)
from incohort.shapes import tabular
from incohort.shapes.recorded import instead
from incohort.shapes.sets import YES
from incohort.shapes.telling import Draft
from incohort.shapes.two_by_two import TwoByTwo
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.contingency import chi_square, fisher_exact
from incohort.stats.multiplicity import holm

LABELS = {
    "anaemia": "Anaemia",
    "platelets": "Thrombocytopenia",
    "wbc": "White cells below 4",
    "lymphocytes": "Lymphocytes below 1",
    "rheumatoid_factor": "Rheumatoid factor of 20 IU/mL or more",
    "low_c4": "C4 below 10 mg/dL",
    "anti_ro_la": "Anti-Ro or anti-La",
    "admission": "Admission for infection",
    "methotrexate": "Methotrexate",
    "sulfasalazine": "Sulfasalazine",
    "hydroxychloroquine": "Hydroxychloroquine",
    "leflunomide": "Leflunomide",
    "azathioprine": "Azathioprine",
    "prednisone": "Prednisone",
    "im_steroid": "Intramuscular steroid",
    "tnf_inhibitor": "TNF inhibitor",
    "abatacept": "Abatacept",
    "tocilizumab": "Tocilizumab",
    "rituximab": "Rituximab",
}
_LEVEL = 0.05
_TITLE = "What goes with a low count?"
_ANALYTES = {
    "anaemia": "HB", "platelets": "PLT", "wbc": "WBC", "lymphocytes": "LYMPH",
    "rheumatoid_factor": "RF", "low_c4": "C4",
}  # fmt: skip
_OTHER = {
    "anti_ro_la": ("autoantibodies.antibody", "autoantibodies.result"),
    "admission": ("events.event", "events.detail"),
}
_TESTS = {
    "fisher": "Fisher's exact test",
    "chi2": "Pearson's chi-square test",
    "yates": "Pearson's chi-square test with Yates' correction",
}
_CAUTION = (
    "Drugs and values are compared whenever they were given or taken: a drug that was stopped "
    "because of the count stands with the neutropenic, and a value may follow it. This says what "
    "goes together, not what causes what."
)
_UNSOURCED = (
    "The limits of rheumatoid factor and of C4 are choices without a source: the study that "
    "compared them did not print them in what was read."
)


def associations(question: Question) -> Findings:
    """Of each mark, how frequent it is in the neutropenic and in the others, and a test."""
    draft = question.telling()
    if reason := question.uncounted:
        draft.none_in("association/neutropenic/count", "Neutropenic", reason, question.ill)
        return draft.findings("association", _TITLE, Layout(sentences=instead(reason)))
    low, other = question.compared
    totals = (
        draft.count_in("association/neutropenic/count", "Neutropenic, compared", low),
        draft.count_in("association/other/count", "Not neutropenic", other),
    )
    marks = [
        Mark(question, draft, name) for name in LABELS if question.lists_all or _has(question, name)
    ]
    corrected = _corrected(question, draft, marks)
    rows = [
        tabular.row("Patients", *tabular.cells(("count", "count"), totals), *[tabular.BLANK] * 3)
    ]
    kinds = ("fraction_percent", "fraction_percent", "estimate_ci", "p_value", "p_value")
    rows += [
        tabular.row(LABELS[mark.name], *tabular.cells(kinds, (*mark.keys, key)))
        for mark, key in zip(marks, corrected, strict=True)
    ]
    ratio = f"Odds ratio ({question.scope.level} CI)"
    heads = (f"Below {question.limit:g}", "Others", ratio, "P", "P, Holm")
    table = tabular.table(
        question.scope, "association", f"What goes with a count below {question.limit:g} × 10⁹/L",
        "Mark", heads, rows, _method(question), _left_out(question), _UNSOURCED,
    )  # fmt: skip
    layout = Layout(
        sentences=_said(question, marks),
        tables=(table,),
        figures=(_forest(question, marks),) if marks else (),
        cautions=(_CAUTION,),
    )
    return draft.findings("association", _TITLE, layout)


def _has(question: Question, name: str) -> bool:
    """Whether a mark is known of somebody who is compared."""
    return any(len(group.known(name)) for group in question.compared)


@dataclass(frozen=True)
class Mark:
    """A mark in the neutropenic and in the others: its numbers, and the cells that they rest on."""

    question: Question
    draft: Draft
    name: str

    @cached_property
    def compared(self) -> TwoByTwo:
        """The two groups and the mark."""
        low, other = self.question.compared
        return TwoByTwo(
            draft=self.draft, first=low, second=other, axis=self.name, events=(YES,),
            whole=self.question.both.known(self.name),
        )  # fmt: skip

    @cached_property
    def keys(self) -> tuple[str, str, str, str]:
        """The share in either group, the odds ratio, and P."""
        draft, tail, label = self.draft, f"association/{self.name}", LABELS[self.name]
        before, draft.sources = draft.sources, (*draft.sources, *_sources(self.name))
        shares = (
            draft.share_in(
                f"{tail}/{word}", f"{label}, {said}", group.where(self.name, YES),
                group.known(self.name), nobody=f"it is recorded of no patient {said}",
            )
            for word, said, group in zip(
                ("neutropenic", "other"), ("neutropenic", "not neutropenic"),
                self.question.compared, strict=True,
            )
        )  # fmt: skip
        keys = (
            *shares,
            self.compared.odds_ratio(f"{tail}/odds_ratio", f"{label}: odds ratio"),
            self._p_value(f"{tail}/p_value", f"{label}: P"),
        )
        draft.sources = before
        first, second, ratio, p_value = keys
        return first, second, ratio, p_value

    def _p_value(self, tail: str, label: str) -> str:
        match self.question.design.test:
            case "fisher":
                return self.compared.fisher(tail, label)
            case "chi2":
                return self.compared.chi_square(tail, label)
            case "yates":
                return self.compared.chi_square(tail, label, continuity=True)
            case other:
                assert_never(other)


def _tested(test: Test, cells: Sequence[int]) -> float:
    """The P value of four counts; 1 where there is none."""
    table = [[*cells[:2]], [*cells[2:]]]
    answer = (
        fisher_exact(table) if test == "fisher" else chi_square(table, continuity=test == "yates")
    )
    return 1.0 if isinstance(answer, NoEstimate) else answer.p_value


def _corrected(question: Question, draft: Draft, marks: Sequence[Mark]) -> list[str]:
    """Holm's P of each mark: it takes all of them into account, and so rests on all."""
    test = question.design.test
    cells = [cell for mark in marks for cell in mark.compared.cells]

    def answer(place: int, *counts: int) -> HypothesisTest:
        fours = [counts[start : start + 4] for start in range(0, len(counts), 4)]
        p_value = holm([_tested(test, four) for four in fours])[place]
        method = f"{_TESTS[test]}, Holm's correction for all marks"
        return HypothesisTest(statistic=None, p_value=p_value, df=None, method=method)

    keys = []
    for place, mark in enumerate(marks):
        label = f"{LABELS[mark.name]}: P, corrected"
        tail = f"association/{mark.name}/holm_p_value"
        is_none = isinstance(draft.results[mark.keys[-1]], NotEstimable)
        reason = "there is no P to correct" if is_none else ""
        if reason:
            keys.append(draft.none_in(tail, label, reason, question.both))
            continue
        of_place = partial(answer, place)
        n = len(question.both)
        key = draft.test_in(tail, label, of_place(*map(len, cells)), cells, of=question.both, n=n)
        keys.append(draft.from_sets(key, cells, of_place))
    return keys


def _sources(name: str) -> tuple[str, ...]:
    if name in OF_LABS:
        return (f"labs.{_ANALYTES[name]}",)
    return ("medications.atc", "medications.drug") if name in OF_DRUGS else _OTHER[name]


def _method(question: Question) -> str:
    test = _TESTS[question.design.test]
    return (
        f"P: {test}, two-sided; Holm's corrects it for all marks of the table. Odds ratio: maximum "
        "likelihood given the margins, exact interval. Patients in whom a mark is not recorded "
        "are left out of its row. A drug counts as not given where others of the patient are "
        "recorded and it is not."
    )


def _left_out(question: Question) -> str:
    if question.design.compared == "all":
        return ""
    return (
        "Neutropenic patients whose cause the clinic entered (patients.aetiology) as a drug, a "
        "clone, a malignancy or another disease are left out (compared = all takes them in), as "
        "are those whose count leaves the limit open. Nobody is left out for a cause that the "
        "table of causes works out from drugs, tests and diagnoses."
    )


def _said(question: Question, marks: Sequence[Mark]) -> tuple[Sentence, ...]:
    """Which marks differ, or that none does; nothing where a P is withheld."""
    if not marks:
        return (Sentence("None of what is compared here is recorded of these patients."),)
    p_values = {mark.keys[3]: mark.draft.results[mark.keys[3]] for mark in marks}
    needs = tuple(key for key, result in p_values.items() if isinstance(result, Estimate))
    differing = [mark for mark in marks if _is_low(p_values[mark.keys[3]])]
    listed = clauses(
        *(f"{LABELS[mark.name]}: {{{mark.keys[2]}:estimate_ci}}" for mark in differing)
    )
    test, limit = _TESTS[question.design.test], f"{question.limit:g} × 10⁹/L"
    whom = f"the neutropenic (below {limit}) and the others"
    return (
        Sentence(
            f"Between {whom} these differ with P below 0.05 by {test}, before any correction, by "
            f"these odds ratios. {listed}.",
            needs=needs, holds=bool(differing), is_key=True,
        ),
        Sentence(
            f"Between {whom} no mark of the table differs with P below 0.05 by {test}.",
            needs=needs, holds=bool(needs) and not differing,
        ),
    )  # fmt: skip


def _is_low(result: Result) -> bool:
    return isinstance(result, Estimate) and result.value < _LEVEL


def _forest(question: Question, marks: Sequence[Mark]) -> Figure:
    keys = {LABELS[mark.name]: mark.keys[2] for mark in marks}
    return tabular.forest(
        question.scope, "association", "Odds of each mark, neutropenic against others",
        f"Odds ratios: {tabular.phrases(keys, 'estimate_ci')}.",
        [Series("Marks", tuple(keys.values()))], "Odds ratio", is_ratio=True,
        low_means="rarer in the neutropenic", high_means="more frequent",
    )  # fmt: skip
