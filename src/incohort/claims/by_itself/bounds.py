"""How many can have two marks at once, or one of them, where each was printed alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from incohort.claims.by_itself.judged import Outcome, Why
from incohort.dictionary.figures import BoundsCheck
from incohort.stats import NoEstimate
from incohort.stats.margins import Crossed, extent, total

Holds = Callable[[tuple[Any, ...]], bool]

_OF_TWO: dict[str, Holds] = {
    "both": all,
    "only the first": lambda cell: cell == (True, False),
    "only the second": lambda cell: cell == (False, True),
}
_OF_MORE: dict[str, Holds] = {
    "at least one": any,
    "exactly one": lambda cell: sum(cell) == 1,
    "all": all,
}


def judge_bounds(bounds: BoundsCheck) -> Outcome:
    """The least and the most that the margins leave; listed, not judged."""
    names = [f"mark {number}" for number in range(len(bounds.margins))]
    table = Crossed(dict.fromkeys(names, (True, False)))
    with_marks = zip(names, bounds.margins, strict=True)
    known = [table.total(bounds.n)]
    known += [total(table.where(**{name: True}), count) for name, count in with_marks]
    if bounds.everybody:
        known.append(total(table.where(**dict.fromkeys(names, False)), 0))
    said = []
    for words, holds in (_OF_TWO if len(names) == len(_OF_TWO) - 1 else _OF_MORE).items():
        span = extent([cell for cell in table.cells if holds(cell)], known)
        if isinstance(span, NoEstimate):
            return Outcome(Why.UNCHECKED, f"{span.reason[:1].upper()}{span.reason[1:]}.")
        is_one = span.least == span.most
        said.append(f"{words} {span.least}" + ("" if is_one else f" to {span.most}"))
    return Outcome(Why.BOUNDS, f"Of {bounds.n} the printed numbers leave: {'; '.join(said)}.")
