"""What changed in a report since its last run: the keys whose numbers are others now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.entries import RECORD
from incohort.reports.reading import Shape, Text, read_shape

_COMPARED = ("kind", "value", "ci_low", "ci_high", "n", "events", "reason")
_FIRST = 3  # keys that are named


class _Result(Shape):
    """A result as it is compared: its key, and whatever else stands there."""

    model_config = Shape.model_config | {"extra": "allow"}
    key: Text


class _Results(Shape):
    """The results of a report."""

    results: list[_Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many numbers are others than in the last run, and the first of their keys."""

    changed: tuple[str, ...]
    added: int
    gone: int

    def __str__(self) -> str:
        """One line on them."""
        parts = []
        if self.changed:
            more = ", …" if len(self.changed) > _FIRST else ""
            noun = "number differs" if len(self.changed) == 1 else "numbers differ"
            parts.append(
                f"{len(self.changed)} {noun} from the last run: "
                f"{', '.join(self.changed[:_FIRST])}{more}"
            )
        parts += [f"{self.added} new"] if self.added else []
        parts += [f"{self.gone} no longer there"] if self.gone else []
        return "; ".join(parts)


def changes_between(before: Path, after: Path) -> Changes | None:
    """What differs between the results in two report folders; None where nothing does.

    Args:
        before: The folder as the last run left it; it need not be there.
        after: The folder of this run.
    """
    old, new = _results_in(before), _results_in(after)
    if old is None or new is None:
        return None
    both = [key for key in new if key in old]
    changes = Changes(
        changed=tuple(key for key in both if new[key] != old[key]),
        added=len(new) - len(both),
        gone=len(old) - len(both),
    )
    return changes if str(changes) else None


def _results_in(folder: Path) -> dict[str, tuple[Any, ...]] | None:
    if not (folder / RECORD).is_file():
        return None
    read = read_shape(folder / RECORD, _Results)
    if isinstance(read, str):
        return None
    return {
        result.key: tuple((result.model_extra or {}).get(name) for name in _COMPARED)
        for result in read.results
    }
