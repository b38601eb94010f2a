"""What a report says of its methods and abbreviations: sentences and sources, each said once."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from incohort.dictionary.files import bundled
from incohort.dictionary.models import _Entry
from incohort.dictionary.parse import DictionaryError, parse_file


class Method(_Entry):
    """How numbers are worked out: how their method begins, what is said of it, who described it."""

    begins: Annotated[tuple[str, ...], Field(min_length=1)]
    says: str
    sources: tuple[str, ...] = ()


class Methods(_Entry):
    """Everything in `methods.yaml`."""

    methods: tuple[Method, ...]

    def of(self, words: str) -> Method | None:
        """The entry of an estimate's method: of several that fit, the one that says the most."""
        fitting = (
            (len(begin), method)
            for method in self.methods
            for begin in method.begins
            if words.startswith(begin)
        )
        return max(fitting, key=lambda pair: pair[0], default=(0, None))[1]


class Abbreviations(_Entry):
    """Everything in `abbreviations.yaml`: each with what it stands for."""

    abbreviations: dict[str, str]


@cache
def methods() -> Methods:
    """What is said of methods.

    Raises:
        DictionaryError: The file is not as its model says, or a method begins as another does.
    """
    entries = parse_file(bundled("data_dictionary") / "methods.yaml", Methods)
    begins = [begin for method in entries.methods for begin in method.begins]
    twins = sorted({begin for begin in begins if begins.count(begin) > 1})
    if twins:
        msg = f"methods.yaml: twice: {', '.join(twins)}."
        raise DictionaryError(msg)
    return entries


@cache
def abbreviations() -> dict[str, str]:
    """What each abbreviation stands for.

    Raises:
        DictionaryError: The file is not as its model says.
    """
    path = bundled("data_dictionary") / "abbreviations.yaml"
    return parse_file(path, Abbreviations).abbreviations
