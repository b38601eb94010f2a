"""An assay beside the reference: what both say of the same patients."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.analyses.assay_yield.question import Flags, Question


@dataclass(frozen=True, kw_only=True)
class Held:
    """One assay held against the reference: who is positive, who is diseased, who has both."""

    assay: str
    positive: Flags
    diseased: Flags
    among: Flags
    reason: str  # why there is nothing to hold; empty where there is

    @property
    def is_settled(self) -> str:
        """Why a result tells nothing of the disease: all have it, or none; empty where it does."""
        if not self.among.any():
            return ""
        if not (self.among & ~self.diseased).any():
            return "everybody with the reference has the disease, whatever the result"
        if not (self.among & self.diseased).any():
            return "nobody with the reference has the disease, whatever the result"
        return ""

    @property
    def table(self) -> list[list[int]]:
        """[[true_positive, false_positive], [false_negative, true_negative]]."""
        p, d, among = self.positive, self.diseased, self.among
        return [
            [int((p & d & among).sum()), int((p & ~d & among).sum())],
            [int((~p & d & among).sum()), int((~p & ~d & among).sum())],
        ]


def held_of(question: Question, name: str) -> Held:
    """An assay's results beside what the reference says of the same patients."""
    positive, tested = question.results(name)
    diseased, known = question.reference
    reason = question.no_reference
    if not reason and name == question.design.reference:
        reason = "it is the reference itself, and would be compared with itself"
    return Held(
        assay=name, positive=positive, diseased=diseased, among=tested & known, reason=reason
    )
