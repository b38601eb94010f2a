"""What is said of a printed figure that was held against nothing but itself and its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from incohort.claims.verdicts import VerdictKind
from incohort.dictionary import Figure
from incohort.dictionary.models import Certainty


class Why(StrEnum):
    """What a check came to."""

    FITS = "fits"
    CUT = "cut, not rounded"
    OTHER_COUNT = "other count"
    NO_COUNT = "no count gives it"
    NOT_SYMMETRIC = "interval not symmetric"
    OTHER_INTERVAL = "by none of these methods"
    P_DIFFERS = "P differs"
    DONT_SUM = "parts don't sum"
    MORE = "more than its whole"
    VERSIONS = "versions differ"
    BOUNDS = "bounds of what was not printed"
    UNCHECKED = "can't be checked"


AGREEING = frozenset({Why.FITS, Why.CUT})
EXCEPTIONS = frozenset(set(Why) - AGREEING - {Why.UNCHECKED, Why.BOUNDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A printed figure with the page it stands on: its study or table, and how sure it is."""

    figure: Figure
    source: str
    title: str
    certainty: Certainty | None = None
    location: str = ""

    @property
    def is_second_hand(self) -> bool:
        """Whether nobody here read it in the paper."""
        return self.figure.secondary_copy or self.certainty in {"secondary", "lecture"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says: why, in a sentence, and what else would fit."""

    why: Why
    sentence: str
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A printed figure with its verdict; `readings` are what would have to be true instead."""

    shown: Shown
    verdict: VerdictKind
    why: Why
    sentence: str
    readings: tuple[str, ...]

    @property
    def is_exception(self) -> bool:
        """Whether a reader should see it first."""
        return self.why in EXCEPTIONS


@dataclass(frozen=True, slots=True)
class Context:
    """What else one study printed: its figures by id, and every number that it is of."""

    figures: Mapping[str, Shown]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, shown: Sequence[Shown]) -> Context:
        """The context that the figures of one study are for each other."""
        sizes = dict.fromkeys(n for entry in shown for n in _sizes(entry.figure))
        return cls({entry.figure.id: entry for entry in shown if entry.figure.id}, tuple(sizes))


def verdict_of(shown: Shown, outcome: Outcome) -> Judged:
    """The verdict that follows; what was read second-hand is never called a misprint."""
    match outcome.why:
        case Why.FITS | Why.CUT:
            verdict = VerdictKind.AGREES_WITH_ITSELF
        case Why.UNCHECKED | Why.VERSIONS | Why.BOUNDS:
            verdict = VerdictKind.NOT_TESTABLE
        case _:
            verdict = VerdictKind.DOES_NOT_AGREE
    if verdict is VerdictKind.DOES_NOT_AGREE and shown.is_second_hand:
        verdict = VerdictKind.NOT_TESTABLE
        outcome = replace(outcome, sentence=f"{outcome.sentence} {_SECOND_HAND}")
    return Judged(
        shown=shown,
        verdict=verdict,
        why=outcome.why,
        sentence=outcome.sentence,
        readings=outcome.readings,
    )


_SECOND_HAND = (
    "It was read in a copy and not in the paper: look there before anything is said of it."
)


def _sizes(figure: Figure) -> Iterable[int]:
    if figure.share is not None and figure.share.n_from == "printed":
        yield figure.share.n
    if figure.mean is not None:
        yield figure.mean.n
    if figure.ratio is not None and figure.ratio.groups:
        yield from figure.ratio.groups
