"""The share of antibody-positive patients by subtype, and whether the subtypes differ."""

from __future__ import annotations

from itertools import product

from incohort.analyses.thyroid_antibodies.question import SUBTYPES, TESTED, TESTS, Question
from incohort.results import Findings, Layout, Row, Sentence, Series
from incohort.shapes import tabular, vocabulary
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.groups import sources_of
from incohort.shapes.making import listed
from incohort.shapes.people import SUBTYPE
from incohort.shapes.recorded import NOT_RECORDED
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft
from incohort.shapes.two_by_two import TwoByTwo
from incohort.stats.contingency import fisher_exact

_UNNAMED = (vocabulary.UNKNOWN, NOT_RECORDED)  # in no group that is compared
_ACRONYMS = (
    "TTM and AN-SHP are acronyms of the study whose meaning was not found; they are kept as "
    "printed."
)
_METHODS = (
    "Sample odds ratio: cross product, Woolf's interval. Conditional odds ratio: maximum "
    "likelihood given the margins, exact interval; it belongs to Fisher's exact P. Across "
    "subtypes: Freeman–Halton. Two-sided, not corrected for multiplicity. Patients without a named "
    "subtype are in no group."
)
_EXPLORATORY = (
    "The comparisons were chosen after the study's counts were known, and are of the tested only: "
    "they are exploratory."
)


def by_subtype(question: Question) -> Findings:
    """The share of antibody-positive patients in each subtype of thyroid disease."""
    draft, scope = question.telling(*TESTS), question.scope
    share, asked = f"Positive by {question.assay_label}", _groups(question)
    positive = fractions(draft, "Positive / tested (%)", asked, absent=question.untested)
    keys = {group.head: positive.keys[group.tail] for group in asked}
    single = [keys[group.head] for group in asked if group.level]
    together = [keys[group.head] for group in asked if not group.level]
    table = tabular.table(
        scope, "anti_pmn", "Anti-PMN antibodies by subtype of thyroid disease", "Thyroid disease",
        positive.columns, positive.rows, f"{share}. {_ACRONYMS}",
    )  # fmt: skip
    figure = tabular.forest(
        scope, "anti_pmn", f"{share}, by subtype, with {scope.level} intervals",
        f"Share positive by subtype: {tabular.phrases(keys, 'fraction_percent_ci')}.",
        [
            Series("Subtype", tuple(single)),
            Series("Together", (*together[1:], together[0]), is_summary=True),
        ],
        "Share positive, %",
    )  # fmt: skip
    sentence = Sentence(
        f"Anti-PMN antibodies were found by {question.assay_label} in "
        f"{{{together[0]}:fraction_percent_ci}} of those tested.",
        is_key=True,
    )
    layout = Layout(sentences=(sentence,), tables=(table,), figures=(figure,))
    return draft.findings("anti_pmn", "Anti-PMN antibodies by subtype", layout)


def _groups(question: Question) -> list[Fraction]:
    """All tested, those of each subtype, and the subtypes that count as autoimmune or do not."""
    autoimmune, tested = question.design.autoimmune, question.tested
    known = vocabulary.thyroid_subtypes()
    single = {name: known.get(name, "Subtype not recorded") for name in (*SUBTYPES, *_UNNAMED)}
    others = [name for name in SUBTYPES if name not in autoimmune]
    groups = {
        "all": ("All tested", tested),
        **{name: (label, tested.where(SUBTYPE, name)) for name, label in single.items()},
        "autoimmune_thyroid": (f"Autoimmune ({listed(autoimmune, known)})",
                               tested.where(SUBTYPE, *autoimmune)),
        "not_autoimmune_thyroid": ("All other named subtypes", tested.where(SUBTYPE, *others)),
    }  # fmt: skip
    return [
        Fraction(
            tail=f"anti_pmn/{name}/proportion",
            label=f"Anti-PMN positive, {head.lower() if name == 'all' else head}",
            head=head,
            events=members.where(question.assay, "positive"),
            of=members,
            nobody=f"nobody {'with thyroid disease' if name == 'all' else 'of this kind'} was "
            "tested",
            level=int(name in single),
            sources=() if name == "all" else sources_of(SUBTYPE),
        )
        for name, (head, members) in groups.items()
        if name not in _UNNAMED or question.scope.lists_all or len(members)
    ]


def exact_tests(question: Question) -> Findings:
    """Whether positivity differs between subtypes: exact tests and odds ratios."""
    draft, level = question.telling(*TESTS, *sources_of(SUBTYPE)), question.scope.level
    whole = question.with_subtype
    rows = [
        _against_the_rest(question, draft, name, label, whole.where(SUBTYPE, *subtypes))
        for name, label, subtypes in (
            ("hashimoto", "Hashimoto thyroiditis", ("hashimoto",)),
            ("autoimmune", "Autoimmune", question.design.autoimmune),
        )
    ]
    across = tabular.cell("p_value", _across(question, draft))
    rows.append(tabular.row("Across all named subtypes", tabular.BLANK, tabular.BLANK, across))
    table = tabular.table(
        question.scope, "exact_tests", "Does positivity differ between subtypes?", "Comparison",
        (f"Sample odds ratio ({level} CI)", f"Conditional odds ratio ({level} CI)", "Exact P"),
        rows, _METHODS,
    )  # fmt: skip
    layout = Layout(tables=(table,), cautions=(_EXPLORATORY,))
    return draft.findings("exact_tests", "Differences between subtypes", layout)


def _against_the_rest(
    question: Question, draft: Draft, name: str, group: str, first: Members
) -> Row:
    """Sample and conditional odds ratio and exact P of a group against the rest."""
    tail, label = f"anti_pmn/{name}_vs_rest", f"{group} against the rest"
    compared = TwoByTwo(
        draft=draft, first=first, second=question.with_subtype.less(first), axis=question.assay,
        events=("positive",), whole=question.with_subtype, reason=question.untested,
    )  # fmt: skip
    conditional = f"{label}: conditional odds ratio"
    keys = (
        compared.odds_ratio(f"{tail}/odds_ratio", f"{label}: sample odds ratio", "sample"),
        compared.odds_ratio(f"{tail}/odds_ratio_conditional", conditional, "conditional_exact"),
        compared.fisher(f"{tail}/fisher_p_value", f"{label}: exact P"),
    )
    return tabular.row(label, *tabular.cells(("estimate_ci", "estimate_ci", "p_value"), keys))


def _across(question: Question, draft: Draft) -> str:
    """The exact test of all named subtypes."""
    tail = "anti_pmn/by_subtype/fisher_p_value"
    label, whole = "Positivity across the named subtypes, exact P", question.tested
    if question.untested:
        return draft.none_in(tail, label, question.untested, whole)
    cells = [
        whole.where(question.assay, status).where(SUBTYPE, name)
        for status, name in product(TESTED, SUBTYPES)
    ]
    counts = list(map(len, cells))
    answer = fisher_exact([counts[: len(SUBTYPES)], counts[len(SUBTYPES) :]])
    return draft.test_in(tail, label, answer, cells, of=whole.where(SUBTYPE, *SUBTYPES))
