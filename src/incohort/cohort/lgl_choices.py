"""What a rule of LGL leukaemia leaves open; a notebook's parameters have the same names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incohort.cohort.refusing import refuse_outside, refuse_unknown
from incohort.dictionary import load

LglRule = Literal["lamy", "original", "e5998", "own"]
LglDuration = Literal["six_months", "none"]
ClonalityRule = Literal["any", "pcr", "v_beta", "trbc1", "two_methods"]
Oligoclonal = Literal["not_clonal", "clonal", "unknown"]
Gap = Literal["breaks", "ignored"]
LGL_RULES: tuple[LglRule, ...] = ("lamy", "original", "e5998", "own")
LGL_DURATIONS: tuple[LglDuration, ...] = ("six_months", "none")
CLONALITY_RULES: tuple[ClonalityRule, ...] = ("any", "pcr", "v_beta", "trbc1", "two_methods")
OLIGOCLONAL: tuple[Oligoclonal, ...] = ("not_clonal", "clonal", "unknown")
GAPS: tuple[Gap, ...] = ("breaks", "ignored")
_LIMITS = {"lamy": "above_0_5", "original": "above_2_0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LglChoices:
    """Which alternatives a report on large granular lymphocytes uses.

    `lgl_rule` says which count of T cells is large: above 0.5 (`lamy`), above 2.0 (`original`),
    above `lgl_limit` (`own`), all in 10⁹/L; or, of `e5998`, CD3+CD57+ cells above 0.4 or CD8+ cells
    above 0.65, which that rule asks of no length of time. `nk_limit` is the count above which NK
    cells are expanded, whichever the rule. `duration` asks that an expansion last more than six
    months, or doesn't. `clonality_rule` says whose word it is that a clone is there, `oligoclonal`
    what an oligoclonal result says of it; `gap` whether a count at or below the limit between two
    above it breaks the six months.
    """

    lgl_rule: LglRule = "lamy"
    lgl_limit: float = 0.5
    nk_limit: float = 0.75
    duration: LglDuration = "six_months"
    clonality_rule: ClonalityRule = "any"
    oligoclonal: Oligoclonal = "not_clonal"
    gap: Gap = "breaks"

    def __post_init__(self) -> None:
        """Refuse what nobody could be classified by.

        Raises:
            UsageError: A word that is no choice, or a number out of range.
        """
        refuse_unknown(
            ("rule of LGL leukaemia", self.lgl_rule, LGL_RULES),
            ("duration", self.duration, LGL_DURATIONS),
            ("rule of clonality", self.clonality_rule, CLONALITY_RULES),
            ("reading of oligoclonal", self.oligoclonal, OLIGOCLONAL),
            ("reading of a gap", self.gap, GAPS),
        )
        refuse_outside(("lgl_limit", self.lgl_limit, 0.1, 5), ("nk_limit", self.nk_limit, 0.1, 5))

    @property
    def t_limit(self) -> float:
        """The count of large granular lymphocytes above which T cells are expanded, 10⁹/L."""
        if self.lgl_rule == "own":
            return self.lgl_limit
        return load().threshold("lgl_count", _LIMITS.get(self.lgl_rule, "above_0_5")).value

    @property
    def lasts_days(self) -> float | None:
        """The days that an expansion must have lasted for more than; None: it is not asked."""
        if self.duration == "none" or self.lgl_rule == "e5998":
            return None
        return load().threshold("lgl_duration", self.duration).in_days
