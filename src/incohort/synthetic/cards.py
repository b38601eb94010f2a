"""What cohorts say of themselves that were rebuilt from printed counts, or printed row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REBUILT = (
    "These are not the study's patients. They were rebuilt by a seeded program from the counts "
    "that were printed, so that each printed count comes out; agreement with those figures shows "
    "that the calculation is right, not that the study is."
)
JOINT = (
    "What was printed is how many had each characteristic, not who had two of them: each is dealt "
    "out by itself at random. Whatever sets one characteristic against another is invented; the "
    "columns are therefore marked synthetic, and what follows from the printed counts alone is not."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A cohort's descriptor: `held` are the keys of what comes out as printed all the same.

    `synthetic_columns` hold something that was not published; `collected` is what a patient without
    a row did not have. `n_patients` is how many are behind the rows where each is a course.
    """

    title: str
    description: str
    sources: tuple[Mapping[str, str], ...]
    study: str
    notices: tuple[str, ...]
    held: tuple[str, ...] = ()
    synthetic_columns: tuple[str, ...] = ()
    collected: tuple[str, ...] = ()
    origin: str = "reconstructed"
    n_patients: int | None = None

    @property
    def incohort(self) -> dict[str, Any]:
        """The descriptor's own object."""
        return {
            "privacy": "public",
            "study": self.study,
            "origin": self.origin,
            "notices": list(self.notices),
            "synthetic_columns": list(self.synthetic_columns),
            "held": list(self.held),
            **({"collected": list(self.collected)} if self.collected else {}),
            **({} if self.n_patients is None else self._courses),
        }

    @property
    def _courses(self) -> dict[str, Any]:
        return {"unit": "course", "n_patients": self.n_patients}
