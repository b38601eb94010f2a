"""Sentences with places for numbers: `{key:kind}`, or `{key|key|key:kind}` for several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from incohort.results import CellKind, Findings
from incohort.tables.cells import Filled, fill

_PLACE = re.compile(r"\{(?P<keys>[^{}:]+):(?P<kind>[a-z_]+)\}")


def pieces(template: str, findings: Findings) -> Iterator[str | Filled]:
    """The words of a template and what fills its places, in order."""
    end = 0
    for place in _PLACE.finditer(template):
        if place.start() > end:
            yield template[end : place.start()]
        yield fill(CellKind(place["kind"]), place["keys"].split("|"), findings)
        end = place.end()
    if end < len(template):
        yield template[end:]
