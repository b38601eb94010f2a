"""Whether a published figure depends on a parameter: what makes the same key another question.

A study asked in one way. Where a parameter stands at another value than its default, what it bears
on is another question, and the printed figure no answer to it. Each parameter says itself what it
bears on; one that says nothing bears on every figure of its study, and so does one that no study
has.
"""

from __future__ import annotations

from collections.abc import Iterable

from incohort.analyses.studies import STUDIES, model_of
from incohort.params.parameter import EVERYTHING


def bearing(key: str, parameters: Iterable[str]) -> tuple[str, ...]:
    """Those of the parameters that bear on the figure with that key.

    >>> bearing("thyroid_antibodies/infections/difference", ("recurrent_from", "count_at", "sex"))
    ('recurrent_from', 'sex')
    >>> bearing("thyroid_antibodies/frequency/total/count", ("recurrent_from", "index_assay"))
    ()
    """
    study, _, tail = key.partition("/")
    known = {p.name: p.bears for p in model_of(study).parameters()} if study in STUDIES else {}
    return tuple(name for name in parameters if tail.startswith(known.get(name, EVERYTHING)))
