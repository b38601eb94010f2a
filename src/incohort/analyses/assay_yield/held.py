"""An assay beside the reference: what both say of the same patients."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.analyses.assay_yield.question import Question
from incohort.shapes.recorded import first_reason
from incohort.shapes.sets import Members, grid


@dataclass(frozen=True, kw_only=True, eq=False)
class Held:
    """One assay held against the reference.

    `reason` says why there is nothing to hold, and is empty where there is.
    """

    question: Question
    assay: str
    reason: str

    @property
    def positive(self) -> Members:
        """Those positive by the assay, whether the reference knows of them or not."""
        return self.question.units.positive(self.assay)

    @property
    def negative(self) -> Members:
        """Those negative by the assay, likewise."""
        return self.question.units.negative(self.assay)

    @property
    def both(self) -> Members:
        """Those with a result of the assay and of the reference."""
        return self.question.verified(self.question.units.counting(self.assay))

    @property
    def cells(self) -> tuple[Members, Members, Members, Members]:
        """True positives, false positives, false negatives, true negatives."""
        diseased, healthy = self.question.diseased, self.question.healthy
        by_sign = self.positive, self.negative
        a, b, c, d = (of(members) for members in by_sign for of in (diseased, healthy))
        return a, b, c, d

    @property
    def table(self) -> list[list[int]]:
        """[[true_positive, false_positive], [false_negative, true_negative]]."""
        return grid(self.cells)

    @property
    def shares(self) -> tuple[tuple[str, Members, Members], ...]:
        """Sensitivity, specificity and predictive values: a name, the events, and of whom."""
        ask, tested = self.question, self.question.units.counting(self.assay)
        true_positive, _, _, true_negative = self.cells
        return (
            ("sensitivity", true_positive, ask.diseased(tested)),
            ("specificity", true_negative, ask.healthy(tested)),
            ("ppv", true_positive, ask.verified(self.positive)),
            ("npv", true_negative, ask.verified(self.negative)),
        )

    @property
    def is_settled(self) -> str:
        """Why a result tells nothing of the disease: all have it, or none; empty where it does."""
        (true_positive, false_positive), (false_negative, true_negative) = self.table
        diseased, healthy = true_positive + false_negative, false_positive + true_negative
        if diseased and not healthy:
            return "everybody with the reference has the disease, whatever the result"
        if healthy and not diseased:
            return "nobody with the reference has the disease, whatever the result"
        return ""


def held_of(question: Question, name: str) -> Held:
    """An assay's results beside what the reference says of the same patients."""
    itself = "it is the reference itself, and would be compared with itself"
    is_reference = name == question.design.reference
    reason = first_reason(question.no_reference, itself if is_reference else "")
    return Held(question=question, assay=name, reason=reason)
