"""Templates of sentences: places for numbers, and what must be known for a sentence to be there.

A place is `{key:kind}`, or `{key|key|key:kind}` for several numbers at once, kind being a
`CellKind` value. `clauses` makes a list within a sentence, each part of which needs only its own
numbers. A sentence is there only if every number that it names is; nobody reads half of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from incohort.results.estimates import NotEstimable, Suppressed
from incohort.results.kinds import Result
from incohort.results.layout import CellKind, Layout, Sentence

_PLACE = re.compile(r"\{(?P<keys>[^{}:]+):(?P<kind>[a-z_]+)\}")
_LIST = re.compile(r"\[\[(?P<clauses>.*?)\]\]", re.DOTALL)
_BETWEEN = ";;"


def clauses(*texts: str) -> str:
    """A list in a template, printed with semicolons; a clause without its numbers is left out.

    >>> clauses("age {a/age:estimate}", "sex {a/sex:estimate}")
    '[[age {a/age:estimate};;sex {a/sex:estimate}]]'
    """
    return f"[[{_BETWEEN.join(texts)}]]"


def keys_in(template: str) -> tuple[str, ...]:
    """The keys that a template names, each once.

    >>> keys_in("{a/n:count} of [[{a/n:count};;{a/q1|a/q3:median_iqr}]]")
    ('a/n', 'a/q1', 'a/q3')
    """
    keys = (key for place in _PLACE.finditer(template) for key in place["keys"].split("|"))
    return tuple(dict.fromkeys(keys))


def said(sentence: Sentence, results: Mapping[str, Result]) -> str | None:
    """The template as it can be said of these results; None where it can't.

    Raises:
        KeyError: It names a key that has no result: a programming error.
    """
    if not sentence.holds or not all(_is_shown(results[key]) for key in sentence.needs):
        return None
    template = sentence.template
    for listing in _LIST.finditer(sentence.template):
        known = [
            clause
            for clause in listing["clauses"].split(_BETWEEN)
            if clause and _is_known(clause, results)
        ]
        if not known:
            return None
        template = template.replace(listing[0], "; ".join(known), 1)
    return template if _is_known(template, results) else None


def places(template: str) -> Iterator[str | tuple[CellKind, tuple[str, ...]]]:
    """The words of a template without lists, and its places, in order."""
    end = 0
    for place in _PLACE.finditer(template):
        if place.start() > end:
            yield template[end : place.start()]
        yield CellKind(place["kind"]), tuple(place["keys"].split("|"))
        end = place.end()
    if end < len(template):
        yield template[end:]


def spoken(layout: Layout, results: Mapping[str, Result]) -> Layout:
    """The layout with those sentences only that can be said, each figure told by what is known.

    What a withheld number would have said is then in no file, and neither is that a sentence on it
    was true.
    """
    templates = (said(sentence, results) for sentence in layout.sentences)
    sentences = tuple(Sentence(template) for template in templates if template is not None)
    return replace(
        layout,
        sentences=sentences[: layout.most],
        figures=tuple(
            replace(figure, alt=said(Sentence(figure.alt), results) or f"{figure.caption}.")
            for figure in layout.figures
        ),
    )


def renamed(template: str, names: Mapping[str, str]) -> str:
    """The template with other keys in place of those that it names."""

    def again(place: re.Match[str]) -> str:
        keys = "|".join(names[key] for key in place["keys"].split("|"))
        return f"{{{keys}:{place['kind']}}}"

    return _PLACE.sub(again, template)


def _is_known(text: str, results: Mapping[str, Result]) -> bool:
    return all(_is_shown(results[key]) for key in keys_in(text))


def _is_shown(result: Result) -> bool:
    return not isinstance(result, NotEstimable | Suppressed)
