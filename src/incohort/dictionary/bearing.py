"""Whether a published figure depends on a parameter: what makes the same key another question.

A study asked in one way. Where a parameter stands at another value than its default, what it bears
on is another question, and the printed figure no answer to it. What is not listed bears on every
figure of its analysis: whom a report is about (`sex`, `age_from`, `age_below`, `describe`) above
all. Confidence level and method of an interval bear on limits alone, which say both themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_NOTHING: tuple[str, ...] = ()

# Parameter: the beginnings of the keys, without the analysis, of the figures that it bears on.
# Whom the grades leave out is said by `describe`, which bears on everything.
_GRADES = dict.fromkeys(
    ("severity_system", "anc_limit", "infants", "chronic", "platelets"), _NOTHING
)
_DRAWN = dict.fromkeys(("resamples", "n_bootstrap", "seed"), _NOTHING)
_BEARS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "cohort_overview": {
            **_GRADES,
            "count_at": _NOTHING,
            "window_days": _NOTHING,
            "recurrent_from": _NOTHING,
        },
        "thyroid_antibodies": {
            **_GRADES,
            "count_at": ("correlations/ft3_anc/",),
            "window_days": ("correlations/", "autoantibodies/"),
            "recurrent_from": ("infections/",),
            "index_assay": ("anti_pmn/", "autoantibodies/"),
            "autoimmune_subtypes": ("anti_pmn/autoimmune", "anti_pmn/not_autoimmune"),
        },
        "assay_yield": {
            **_DRAWN,
            "reference": ("accuracy/",),
            "immune_causes": ("accuracy/",),
            "other_causes": ("accuracy/",),
            "specificity": _NOTHING,
            "kept_share": _NOTHING,
            "costs": _NOTHING,
            "populations": _NOTHING,
            "population_age": _NOTHING,
            "assays": ("pair/", "incremental/", "cumulative/", "events/", "repeats/"),
            "index_assay": ("events/", "repeats/"),
        },
        "anc_recovery": {
            **_DRAWN,
            "group_by": _NOTHING,
            "horizon_days": _NOTHING,
            "landmark_day": _NOTHING,
            "covariates": _NOTHING,
            "percentiles": _NOTHING,
            "n_imputations": _NOTHING,
        },
    }
)


def bearing(key: str, parameters: Iterable[str]) -> tuple[str, ...]:
    """Those of the parameters that bear on the figure with that key.

    >>> bearing("thyroid_antibodies/infections/difference", ("recurrent_from", "count_at", "sex"))
    ('recurrent_from', 'sex')
    >>> bearing("thyroid_antibodies/frequency/total/count", ("recurrent_from", "index_assay"))
    ()
    """
    analysis, _, tail = key.partition("/")
    known = _BEARS.get(analysis, {})
    return tuple(name for name in parameters if tail.startswith(known.get(name, ("",))))
