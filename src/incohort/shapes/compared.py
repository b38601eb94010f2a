"""Two groups of a reader's own patients and an outcome: which they are, and what compares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incohort.dictionary import unknown_name
from incohort.errors import UsageError
from incohort.results import Layout
from incohort.shapes import tabular
from incohort.shapes.fractions import fractions, risks
from incohort.shapes.groups import Group
from incohort.shapes.sets import YES
from incohort.shapes.two_by_two import TwoByTwo

EVENTS = (YES, "positive")  # what is the outcome where a column has such a category
_METHODS = (
    "Difference: Newcombe's interval. Risk ratio: Koopman's score interval. Odds ratio: maximum "
    "likelihood given the margins, exact interval. P: Fisher's exact test, two-sided. Those "
    "of whom the outcome is not recorded are left out."
)


def two_of(
    by: str, groups: Sequence[str] | None, known: Mapping[str, Group]
) -> tuple[Group, Group]:
    """The two groups that are compared: those named, or the only two that there are.

    Raises:
        UsageError: A name is not known, or which two is open.
    """
    names = tuple(known if groups is None else groups)
    for name in names:
        if name not in known:
            raise unknown_name(f"category of {by}", name, known)
    if len(set(names)) != 2 or len(names) != 2:
        msg = (
            "compare takes two groups; say which, the first against the second: groups=(…, …). "
            f"Categories of {by!r}: {', '.join(known)}."
        )
        raise UsageError(msg)
    return known[names[0]], known[names[1]]


def event_of(outcome: str, event: str | None, known: Mapping[str, str]) -> str:
    """The category that is the outcome: that named, else `yes` or `positive`.

    Raises:
        UsageError: The name is not known, or which category is meant is open.
    """
    usual = next((word for word in EVENTS if word in known), None)
    name = event or usual
    if name is None:
        msg = (
            f"Say which category of {outcome!r} is the outcome: event=…, one of {', '.join(known)}."
        )
        raise UsageError(msg)
    if name not in known:
        raise unknown_name(f"category of {outcome}", name, known)
    return name


def comparison(compared: TwoByTwo, groups: tuple[Group, Group], name: str, title: str) -> Layout:
    """Each group's risk, and their difference, ratio, odds ratio and test."""
    draft, axis = compared.draft, compared.axis
    nobody = "it is recorded of nobody here"
    asked = risks(groups, axis, compared.events, name=name, title=title, nobody=nobody)
    of_groups = fractions(draft, "With / all (%)", asked)
    against = " against ".join(group.label for group in groups)
    measures = (
        ("Difference of risks", "percent_ci", compared.difference, "difference"),
        ("Risk ratio", "estimate_ci", compared.risk_ratio, "risk_ratio"),
        ("Odds ratio", "estimate_ci", compared.odds_ratio, "odds_ratio"),
        ("P", "p_value", compared.fisher, "fisher_p_value"),
    )
    rows = []
    for label, kind, ask, tail in measures:
        key = ask(f"{name}/{tail}", f"{title}, {against}: {label}")
        rows.append(tabular.row(label, tabular.BLANK, tabular.cell(kind, key)))
    table = tabular.table(
        draft.scope, name, f"{title}: {against}", "Who", of_groups.columns,
        (*of_groups.rows, *rows), _METHODS,
    )  # fmt: skip
    return Layout(tables=(table,))
