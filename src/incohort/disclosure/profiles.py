"""The named sets of rules, and which of them applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incohort.dictionary import unknown_name
from incohort.errors import UsageError

NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named set of rules.

    Counts of persons from 0 to `limit` are withheld, zero among them: it tells something about
    everybody. What is shown is rounded to a multiple of `base`. A median or quartile is withheld
    where `few` persons or fewer lie beyond it: it would be next to a minimum or a maximum.
    `degrees` is how many residual degrees of freedom a model must have. `description` is printed
    in the report.
    """

    name: str
    limit: int
    base: int
    few: int
    degrees: int
    description: str

    @property
    def is_open(self) -> bool:
        """Whether everything is shown."""
        return self.name == NONE

    @property
    def is_rounding(self) -> bool:
        """Whether counts are rounded, so that no subtraction gives an exact one."""
        return self.base > 1


_CURVES = (
    " Of a curve only so many steps are kept that enough patients lie between two of them; a share "
    "by a curve is told to 2 digits, its interval outward to the next 5 %; patients' own series "
    "become quartiles of many."
)
_DIGITS = (
    " Statistics keep 2 significant digits, means of 100 patients or more 3; a ratio between 0.9 "
    "and 1.1 has two decimals. Limits of an interval are told outward, and not at all for a median "
    "with too few patients beyond them."
)
_EXACT = (
    " Counts that are shown are exact, and so are their percentages: two reports on nearly the "
    "same patients can be subtracted from each other. Where several leave the house, use "
    "opensafely."
)

# The dominance rule of acro (2/0.90) is for sums of magnitudes; no analysis makes one.
PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name=NONE, limit=-1, base=1, few=-1, degrees=0,
            description="Nothing is withheld or rounded.",
        ),
        Profile(
            name="opensafely", limit=7, base=5, few=5, degrees=0,
            description="Counts of 7 or fewer are withheld, the others rounded to the nearest 5; "
            "percentages come from the rounded counts, totals are the sums of their rounded "
            "parts where all are shown, so the same total may differ by the rounding from table "
            "to table. Medians and quartiles are withheld where 5 patients or fewer lie beyond "
            "them; no minimum or maximum is told." + _DIGITS + _CURVES,
        ),
        Profile(
            name="darwin", limit=4, base=1, few=4, degrees=0,
            description="Counts below 5 are withheld, and medians and quartiles beyond which "
            "fewer than 5 patients lie." + _DIGITS + _CURVES + _EXACT,
        ),
        Profile(
            name="acro", limit=9, base=1, few=9, degrees=10,
            description="Counts below 10 are withheld, medians and quartiles beyond which fewer "
            "than 10 patients lie, and models with fewer than 10 residual degrees of freedom."
            + _DIGITS + _CURVES + _EXACT,
        ),
    )
}  # fmt: skip


def profile_for(is_public: bool, requested: str, *, internal: bool) -> Profile:
    """The profile that applies to a cohort's results.

    Args:
        is_public: Whether the cohort says that it is public.
        requested: The profile's name.
        internal: Whether the run stays within the study team.

    Raises:
        UsageError: No such profile; or `none` for a restricted cohort in a run not internal.
    """
    if requested not in PROFILES:
        raise unknown_name("disclosure profile", requested, PROFILES)
    profile = PROFILES[requested]
    if profile.is_open and not (is_public or internal):
        msg = (
            "The cohort is restricted, so its results go through a disclosure profile: "
            f"{', '.join(name for name in PROFILES if name != NONE)}. To see everything within the "
            "study team use --internal; every page is then marked."
        )
        raise UsageError(msg)
    return profile
