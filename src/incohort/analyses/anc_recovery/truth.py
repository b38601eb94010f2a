"""What each method should find in the synthetic cohort: known only because its patients were drawn.

A method has a target of its own, as hazard ratios don't average: given the covariates of the day
the effect is the premise itself; of all together, or given what was known at time zero, it is what
half a million simulated patients show whose treatment was drawn by lot.
"""

from __future__ import annotations

import math

from incohort.analyses.anc_recovery.question import Question

_SYNTHETIC = "din_synthetic"
_NEEDED = {"low_count", "infection", "age"}  # what G-CSF was given by
_CONDITIONAL = math.log(1.5)
_MARGINAL = 0.38214586
_GIVEN_BASELINE = 0.39194828

# The landmark asks another question, by day and among those still at risk: it has no such number.
LOG_HAZARD_RATIOS = {
    "ever_never": _MARGINAL,
    "time_varying": _MARGINAL,
    "baseline": _CONDITIONAL,
    "daily": _CONDITIONAL,
    "imputed": _CONDITIONAL,
    "weighted_all": _MARGINAL,
    "weighted": _MARGINAL,
    "weighted_given": _GIVEN_BASELINE,
}


def targets(question: Question, covariates: tuple[str, ...]) -> dict[str, float]:
    """The true hazard ratio that each method aims at; empty where the truth is not known.

    It is known of the synthetic cohort alone, for the recovery and the clock that it was drawn
    with, in all of its patients, and only if everything that led to treatment is adjusted for.

    Source: benchmarks/truth.csv, held by tests/spec/test_anc_recovery.py.
    """
    choices = question.choices
    is_drawn = question.cohort.card.name == _SYNTHETIC
    is_as_drawn = (
        choices.recovered_from == 1.5
        and choices.time_zero == "withdrawal"
        and not question.population.restricted_by
        and question.design.criteria == "all"
    )
    if not (is_drawn and is_as_drawn and set(covariates) >= _NEEDED):
        return {}
    return {method: math.exp(value) for method, value in LOG_HAZARD_RATIOS.items()}
