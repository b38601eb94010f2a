"""Results that a study did not print and a cohort has by assumption.

What they assume is said beside each number, and what the numbers could be without it beside those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from incohort.analyses.assay_yield.question import Question
from incohort.dictionary import studies, study
from incohort.results import Estimate, Findings, Measure, Table
from incohort.shapes.paired import Paired
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Draft
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.agreement import KAPPA_OF_A_CONSTANT, cohen_kappa
from incohort.stats.assays.paired import mcnemar

_NO_KAPPA = NoEstimate("kappa is not defined for any table that is possible")
Counts = list[list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """An assay whose negatives were taken for granted where another one was negative."""

    assay: str
    where_negative: str


# What the cards of the rebuilt cohorts say in words (their notices), in a form that a bound can be
# worked out from. The study printed GAT for the GIFT-positive patients only.
_COMPLETED = {"kyritsi2015": Completed(assay="gat", where_negative="gift")}


def with_assumptions(question: Question, findings: Findings) -> Findings:
    """The findings, each number with what its study's printed figure assumes.

    The assumptions stand in the register of published figures, as notes of figures that were worked
    out and not printed; each is also told once beside the findings.
    """
    notes = _notes(question.cohort.card.study or "")
    results = tuple(
        replace(result, notes=(*result.notes, notes[result.key]))
        if isinstance(result, Estimate) and result.key in notes
        else result
        for result in findings.results
    )
    every = dict.fromkeys(notes[r.key] for r in findings.results if r.key in notes)
    longest = (note for note in every if not any(note in other for other in every if other != note))
    layout = replace(findings.layout, cautions=(*findings.layout.cautions, *longest))
    return replace(findings, results=results, layout=layout)


def _notes(name: str) -> dict[str, str]:
    """The assumptions of a study's worked-out figures, by key."""
    return {
        claim.key: claim.note
        for claim in (study(name).claims if name in studies() else ())
        if claim.note.startswith("Assumes") and claim.certainty == "derived"
    }


def bounds(question: Question, draft: Draft, pairs: Sequence[Paired]) -> tuple[Table, ...]:
    """The limits of what rests on results that were taken to be negative."""
    how = _COMPLETED.get(question.cohort.card.study or "")
    if how is None or not {how.assay, how.where_negative} <= set(question.assays):
        return ()
    names = [name for name in question.assays if name in {how.assay, how.where_negative}]
    pair = next(pair for pair in pairs if pair.tail == f"pair/{'_'.join(names)}")
    return () if pair.reason else (_bounds_of(question, draft, pair, how),)


def _bounds_of(question: Question, draft: Draft, pair: Paired, how: Completed) -> Table:
    """Any number from none to all of the assumed negatives may in truth be positive."""
    possible = _possible(pair, is_second=pair.tail.endswith(how.assay))
    kappas = [kappa for counts in possible if (kappa := _kappa(counts)) is not None]
    p_values = [
        1.0 if isinstance(test := mcnemar(counts), NoEstimate) else test.p_value
        for counts in possible
    ]
    assumed, other = question.label(how.assay), question.label(how.where_negative)
    tail, label, negative = f"{pair.tail}/unassumed", pair.label, pair.cells[3]
    most = draft.count_in(
        f"{tail}/only_{how.assay}/count", f"{label}: most that only {assumed} may find",
        negative, pair.members,
    )  # fmt: skip
    added = draft.share_in(
        f"{tail}/incremental/proportion", f"{label}: most that {assumed} may add",
        negative, pair.members,
    )  # fmt: skip
    rows = [
        row(f"Only {assumed} positive, at most", cell("count", most)),
        row(f"Added by {assumed}, at most", cell("fraction_percent", added)),
    ]
    lowest, highest = (min(kappas), max(kappas)) if kappas else (_NO_KAPPA, _NO_KAPPA)
    for name, head, kind, measure, bound in (
        ("kappa_lowest", "kappa, at least", "estimate", Measure.COEFFICIENT, lowest),
        ("kappa_highest", "kappa, at most", "estimate", Measure.COEFFICIENT, highest),
        ("mcnemar_exact_p_value", "exact McNemar P, at most", "p_value", Measure.P_VALUE,
         max(p_values)),
    ):  # fmt: skip
        key = draft.statistic_in(f"{tail}/{name}", f"{label}: {head}", measure, bound, pair.cells)
        rows.append(row(f"{head[0].upper()}{head[1:]}", cell(kind, key)))
    return table(
        question.scope, tail,
        f"Without the assumption that who is {other}-negative is {assumed}-negative",
        "Bound", ("Value",), rows,
        f"Over all tables in which any number of those negative by {other} are positive by "
        f"{assumed}.",
    )  # fmt: skip


def _kappa(counts: Counts) -> float | None:
    """Kappa as a bound, which needs no interval: 0 where one assay never varied."""
    answer = cohen_kappa(counts)
    if isinstance(answer, Interval):
        return answer.estimate
    return 0.0 if answer.reason == KAPPA_OF_A_CONSTANT else None


def _possible(pair: Paired, *, is_second: bool) -> list[Counts]:
    """The paired tables in which 0, 1, 2 … of the assumed negatives are positive."""
    (both, only_first), (only_second, neither) = pair.table
    if is_second:
        return [[[both, only_first], [only_second + u, neither - u]] for u in range(neither + 1)]
    return [[[both, only_first + u], [only_second, neither - u]] for u in range(neither + 1)]
