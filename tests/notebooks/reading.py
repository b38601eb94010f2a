"""Which parameters each part of a study reads, so that only those are asked that one may change.

A part that never looks at a parameter answers the same whatever its value is: nothing else of the
question has changed. Only values that are one change away from those of the usual run may be asked
in this way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from incohort.analyses.study import Study
from incohort.params.model import Parameters
from incohort.results import Findings

Part = Callable[..., Findings]
_of = Study._of
_attribute = Parameters.__getattribute__


@dataclass
class Usual:
    """What the parts of a study answered in one run, and what each of them read."""

    answers: dict[Part, Findings] = field(default_factory=dict)
    reads: dict[Part, set[str]] = field(default_factory=dict)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Whatever part is asked meanwhile is kept with its reads; each has a question to itself.

        In a question that several parts share the second finds ready what the first one read.
        """

        def of(study: Study[Any], part: Part) -> Findings:
            if part not in study._answers:
                reads = self.reads[part] = set[str]()
                with _noting(reads):
                    asked = type(study).question(study._cohort, study.asked)
                    self.answers[part] = study._answers[part] = part(asked)
            return study._answers[part]

        with _answering_by(of):
            yield

    @contextmanager
    def but_for(self, name: str) -> Iterator[None]:
        """Parts that don't read this parameter are not asked meanwhile, but have answered."""

        def of(study: Study[Any], part: Part) -> Findings:
            return _of(study, part) if name in self.reads[part] else self.answers[part]

        with _answering_by(of):
            yield


@contextmanager
def _answering_by(of: Callable[[Study[Any], Part], Findings]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Study, "_of", of)
        yield


@contextmanager
def _noting(reads: set[str]) -> Iterator[None]:
    """Note which parameters are read; that a report lists those that were changed is no reading."""

    def attribute(design: Parameters, name: str) -> Any:
        before = set(reads)
        value = _attribute(design, name)
        if name in {"asked", "values"}:
            reads.intersection_update(before)
            return value if name == "asked" else _Values(value, reads)
        reads.update({name} & {*type(design).model_fields})
        return value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parameters, "__getattribute__", attribute)
        yield


class _Values(Mapping[str, Any]):
    """A model's values by name; each that is looked up is noted."""

    def __init__(self, values: dict[str, Any], reads: set[str]) -> None:
        self._values, self._reads = values, reads

    def __getitem__(self, name: str) -> Any:
        self._reads.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
