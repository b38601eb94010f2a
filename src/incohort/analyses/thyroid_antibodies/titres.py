"""Thyroid antibodies in patients with and without anti-PMN antibodies."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import TESTED, Question
from incohort.dictionary.wording import unit_words
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import tabular
from incohort.shapes.characteristics import analyte
from incohort.shapes.groups import Group
from incohort.shapes.values_by_group import ValuesByGroup

_TITRES = ("ANTI_TPO", "ANTI_TG")
_METHODS = (
    "Median (first to third quartile) of the value nearest the index date. Difference: "
    "Hodges–Lehmann shift. P: Mann–Whitney, two-sided."
)


def autoantibodies(question: Question) -> Findings:
    """Thyroid antibodies in patients with and without anti-PMN antibodies."""
    draft, tested = question.telling(), question.tested
    positive, negative = (
        Group(name=name, label=f"anti-PMN {name}", members=tested.where(question.assay, name))
        for name in TESTED
    )
    compared = ValuesByGroup(
        draft=draft, name="autoantibodies", groups=(positive, negative), whole=tested,
        group_sources=("antibody_tests.result", *question.thyroid_sources),
    )  # fmt: skip
    table = tabular.table(
        question.scope, "autoantibodies",
        "Thyroid antibodies by anti-PMN antibody status, in those tested", "Antibody",
        compared.columns("Anti-PMN positive", "Anti-PMN negative"),
        [compared.row(analyte(name)) for name in _TITRES], _METHODS,
    )  # fmt: skip
    first, key = analyte(_TITRES[0]), question.scope.key
    said = Sentence(
        f"{first.label}, with anti-PMN antibodies less without: "
        f"{{{key(f'autoantibodies/{first.name}/difference')}:estimate_ci}} "
        f"{unit_words(first.unit)}, P {{{key(f'autoantibodies/{first.name}/mann_whitney_p_value')}"
        ":p_value}.",
        is_key=True,
    )
    layout = Layout(sentences=(said,), tables=(table,))
    return draft.findings("autoantibodies", "Thyroid antibodies", layout)
