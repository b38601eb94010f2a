"""What all studies have in common: a cohort, what is asked of it, and answers found once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from incohort.cohort import Cohort
from incohort.params.model import Parameters
from incohort.results import Findings
from incohort.shapes.population import Selection, refuse_other_ages

_P = TypeVar("_P", bound=Parameters)
_Answer = Callable[[Any], Findings]


def part(answer: Callable[[Any], Findings]) -> Callable[[Study[Any]], Findings]:
    """What one part of a study answers, as a method of the study: with the part's own words."""

    def method(self: Study[Any]) -> Findings:
        return self._of(answer)

    method.__name__, method.__doc__ = answer.__name__, answer.__doc__
    return method


class Study(Generic[_P]):
    """A study's questions, asked of one cohort.

    Args:
        cohort: From `open_cohort`.
        asked: The study's parameters; their defaults where not given.
        values: Parameters by name, instead of those or beside them.

    Raises:
        UsageError: A parameter has no such name, or its value is refused; or it parts a restricted
            cohort by other ages than the dictionary's.
    """

    parameters: ClassVar[type[Parameters]]

    def __init__(self, cohort: Cohort, asked: _P | None = None, **values: object) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        given = {} if asked is None else asked.values
        found: Any = self.parameters.of({**given, **values, "cohort": cohort.card.name})
        self.asked: _P = found
        refuse_other_ages(cohort, found.part(Selection))
        self._cohort = cohort
        self._found: dict[_Answer, Findings] = {}

    @property
    def _question(self) -> Any:
        """What the study's parts are asked."""
        raise NotImplementedError

    def _of(self, part: _Answer) -> Findings:
        """What one part found; worked out once, since later parts may tell it again."""
        if part not in self._found:
            self._found[part] = part(self._question)
        return self._found[part]

    def _parts(self, *parts: _Answer) -> tuple[Findings, ...]:
        """What some parts found, to be told again."""
        return tuple(map(self._of, parts))
