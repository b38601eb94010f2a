"""The clinical choices that a definition leaves open, by the names of the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CountAt = Literal["index", "nadir", "latest"]
Infants = Literal["two_weeks", "two_months", "as_adults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Which of the dictionary's alternatives a report uses.

    `severity_system`, `chronic` and `platelets` name alternatives in `definitions.yaml`.
    `anc_limit` in 10⁹/L replaces the system's upper limit where it is given. `count_at` says which
    neutrophil count grades a patient: the one nearest the index date, the lowest, or the last.
    `infants` says from which age to the first birthday the lower limit of infants holds, or that
    they are graded as adults are.
    Other values are those nearest the index date, at most `window_days` away.
    `recurrent_from` counts infections as recurrent from that many on, beside those recorded so.
    """

    severity_system: str = "lecture"
    anc_limit: float | None = None
    count_at: CountAt = "index"
    infants: Infants = "two_weeks"
    window_days: int = 90
    chronic: str = "three_months"
    platelets: str = "below_150"
    recurrent_from: int | None = None
