"""What one notebook cell shows: results and their layout, under one name."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from incohort.results.estimates import Estimate, Measure, NotEstimable, Origin
from incohort.results.kinds import Drawn, Result
from incohort.results.layout import Layout
from incohort.results.looks import Look

if TYPE_CHECKING:  # a reader of results needs no arrays
    from collections.abc import Mapping

    from incohort.results.groups import Census, FromCounts, Whose


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The answer to one question of a study: keyed results, and how they are laid out.

    Keys are unique within a report. `name` is the prefix the keys share
    (`thyroid_antibodies/anti_pmn`). `is_public` comes from the cohort's card; unless it says so,
    the gate treats the numbers as a restricted cohort's. `whose` has the sets that the results tell
    of, and `censuses` all rows with the columns that make sets of them, for the gate, which takes
    both away. `given` are the keys of what is no person's number: published, a price, assumed.
    `from_counts` says of numbers how they come from counts, for where these are rounded. `after`
    are the findings that these tell again, which the gate judges first: an answer may stand before
    what it comes from.
    """

    name: str
    title: str
    results: tuple[Result, ...]
    layout: Layout = field(default_factory=Layout)
    is_public: bool = False
    profile: str = ""  # the disclosure profile it has passed; empty before the gate
    whose: tuple[Whose, ...] = field(default=(), repr=False)
    censuses: tuple[Census, ...] = field(default=(), repr=False, compare=False)
    given: frozenset[str] = field(default=frozenset(), repr=False)
    from_counts: Mapping[str, FromCounts] = field(default_factory=dict, repr=False, compare=False)
    after: tuple[Findings, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a key that stands twice, and a person's number that is said to be nobody's.

        Both are a programming error, not a user's.
        """
        seen: set[str] = set()
        for result in self.results:
            if result.key in seen:
                msg = f"key {result.key!r} stands twice in {self.name!r}"
                raise ValueError(msg)
            seen.add(result.key)
            if result.key in self.given and not _is_of_nobody(result):
                msg = f"{result.key!r} is said to be given, and rests on rows"
                raise ValueError(msg)

    def __repr__(self) -> str:
        """What they are, without a number: what shows numbers is judged first."""
        return f"Findings({self.name!r}: {self.title}, {len(self.results)} results)"

    @cached_property
    def by_key(self) -> dict[str, Result]:
        """The results under their keys."""
        return {result.key: result for result in self.results}

    @property
    def has_synthetic(self) -> bool:
        """Whether any number here rests on invented values."""
        return any(
            isinstance(result, Estimate | Drawn) and result.origin is Origin.SYNTHETIC
            for result in self.results
        )


def _is_of_nobody(result: Result) -> bool:
    """Whether a result can be no person's: no count, and with no column behind it."""
    match result:
        case Estimate():
            is_count = result.measure is Measure.COUNT or result.events is not None
            return not is_count and not result.sources and result.residual_df is None
        case NotEstimable():
            return not result.sources and result.n is None
        case _:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One file of a cohort as it was read: its name inside the cohort, its hash and rows.

    `n_rows` is None where the disclosure rules withhold it: one row may be one patient. `sha256` is
    None outside the custodian's process unless the cohort is public: whoever can guess the rows of
    a small table can try their hashes until one fits.
    """

    name: str
    sha256: str | None
    n_rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortCard:
    """What a report says about its cohort: never a path, only its name and what it holds.

    `is_public` False means restricted: results pass a disclosure profile. `study` is the
    published study that the cohort reconstructs, if any. `notices` go on the first screen
    (what is synthetic, and why), and so does `looks`: what is worth a look, None where nobody
    looked. `unit` is what a row of `patients` is: a `course` where nobody knows which courses were
    one patient's, and `n_patients` says how many patients are behind them.
    """

    name: str
    title: str
    is_public: bool
    origin: Origin = Origin.OBSERVED
    study: str | None = None
    notices: tuple[str, ...] = ()
    licence: str = ""
    files: tuple[InputFile, ...] = ()
    looks: tuple[Look, ...] | None = None
    unit: str = "patient"
    n_patients: int | None = None
