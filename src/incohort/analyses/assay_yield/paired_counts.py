"""The fourfold table of two assays in the same patients, and who had only one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Margin
from incohort.stats import NoEstimate

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two assays, their paired table, and what the gate has to know of it.

    `cells` are the full keys of the four counts, `smallest` how many persons stand behind the
    smallest. `reason` says why nothing can be compared, and is empty where something can; only
    where it lies in a missing table, `is_absent`, it says nothing about patients.
    """

    first: str
    second: str
    label: str
    table: tuple[tuple[int, int], tuple[int, int]]
    cells: tuple[str, ...]
    n: int
    smallest: int
    reason: str
    is_absent: bool

    @property
    def behind(self) -> tuple[int, int] | tuple[None, None]:
        """How many had both, and how many persons stand behind the smallest cell."""
        return (None, None) if self.is_absent else (self.n, self.smallest)

    @property
    def tail(self) -> str:
        """The beginning of its keys."""
        return tail_of(self.first, self.second)

    def reasoned(self, answer: T | NoEstimate) -> T | NoEstimate:
        """An estimator's answer, or why there was nothing to ask it of."""
        return NoEstimate(self.reason) if self.reason else answer


def tail_of(first: str, second: str) -> str:
    """The beginning of the keys of two assays, in the order in which they are compared."""
    return f"pair/{first}_{second}"


def never_together(question: Question, first: str, second: str) -> str:
    """Why two assays can't be compared: nobody had both."""
    if question.absent:
        return question.absent
    where = {"patient": "in the same patient", "sample": "on the same sample"}
    one, other = question.label(first), question.label(second)
    return f"{one} and {other} never both gave a result {where[question.design.unit]}"


def counted(question: Question, made: Tally, first: str, second: str) -> Pair:
    """The four cells of two assays, and who had only one of the two."""
    one, other = question.label(first), question.label(second)
    label, tail = f"{one} against {other}", tail_of(first, second)
    (x, had_x), (y, had_y) = question.results(first), question.results(second)
    both = had_x & had_y
    rows = {
        "both": ("both positive", x & y),
        f"only_{first}": (f"only {one} positive", x & ~y),
        f"only_{second}": (f"only {other} positive", ~x & y),
        "neither": ("both negative", ~x & ~y),
    }
    cells = tuple(
        _count(question, made, f"{tail}/{name}/count", f"{label}: {text}", (row, both))
        for name, (text, row) in rows.items()
    )
    _count(question, made, f"{tail}/n/count", f"{label}: with both", (both, both))
    for own, names, found, alone in (
        (first, (one, other), x, had_x & ~had_y),
        (second, (other, one), y, had_y & ~had_x),
    ):
        for sign, row in (("positive", found), ("negative", ~found)):
            text = f"{names[0]} {sign}, no result of {names[1]}"
            _count(question, made, _alone(tail, own, sign), text, (row, alone))
    a, b, c, d = (int((row & both).sum()) for _, row in rows.values())
    return Pair(
        first=first,
        second=second,
        label=label,
        table=((a, b), (c, d)),
        cells=cells,
        n=a + b + c + d,
        smallest=min(question.persons(row & both) for _, row in rows.values()),
        reason="" if both.any() else never_together(question, first, second),
        is_absent=bool(question.absent),
    )


def margins(question: Question, pair: Pair) -> tuple[Margin, ...]:
    """The cells add up; with who had only one of the two they make up each assay's own share."""
    key = question.scope.key
    both, only_first, only_second, neither = pair.cells
    found = [
        Margin(total=key(f"{pair.tail}/n/count"), parts=pair.cells),
        Margin(total=key(f"{pair.tail}/agreement"), parts=(both, neither)),
        Margin(total=key(f"{pair.tail}/agreement#n"), parts=(key(f"{pair.tail}/n/count"),)),
    ]
    for own, hit, miss in (
        (pair.first, (both, only_first), (only_second, neither)),
        (pair.second, (both, only_second), (only_first, neither)),
    ):
        share = key(f"positive/{own}/proportion")
        more, less = (key(_alone(pair.tail, own, sign)) for sign in ("positive", "negative"))
        found.append(Margin(total=share, parts=(*hit, more)))
        found.append(Margin(total=f"{share}#others", parts=(*miss, less)))
        # counts of nobody are among those left out: the plain sums hold where all had both
        found.append(Margin(total=share, parts=hit))
        found.append(Margin(total=f"{share}#others", parts=miss))
        # where there are no other assays, what this one missed is what the other one adds
        missed = key(f"negative/{own}/missed/proportion")
        found.append(Margin(total=missed, parts=miss[:1]))
        found.append(Margin(total=f"{missed}#others", parts=miss[1:]))
        gained = key(f"incremental/{own}/proportion")
        found.append(Margin(total=gained, parts=hit[1:]))
    return tuple(found)


def _alone(tail: str, own: str, sign: str) -> str:
    return f"{tail}/without_the_other/{own}/{sign}/count"


def _count(
    question: Question, made: Tally, tail: str, label: str, rows: tuple[Flags, Flags]
) -> str:
    if question.absent:
        return made.none(tail, label, question.absent)
    return made.of(tail, label, *rows, question)
