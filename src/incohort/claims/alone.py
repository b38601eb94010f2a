"""What publications alone decide: judged once, beside no cohort.

The same numbers stand in the notebooks that show them; here they are made of what was printed, with
every choice at its default.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from incohort.analyses.gcsf_evidence import printed as gcsf
from incohort.analyses.gcsf_evidence.comparisons import comparisons
from incohort.analyses.thyroid_antibodies import printed as thyroid
from incohort.claims.judging import judge_claims
from incohort.claims.samples import CONF_LEVEL
from incohort.claims.verdicts import Verdict
from incohort.dictionary import gcsf_pooled
from incohort.results import AS_PRINTED, CohortCard, Estimate, Measure
from incohort.stats import NoEstimate
from incohort.stats.meta import Effect, Pooled, pool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incohort.dictionary import Study

_NOBODY = CohortCard(name="publications", title="Publications", is_public=True)


@cache
def from_publications() -> Mapping[str, Estimate]:
    """Every estimate that rests on publications alone and that a printed figure is held against."""
    estimates = (*_implied(), *_arms(), *_pooled(), *_benchmark())
    return MappingProxyType({estimate.key: estimate for estimate in estimates})


def judge_alone(study: Study) -> tuple[Verdict, ...]:
    """The verdicts on a study's figures that need no cohort, in the dictionary's order."""
    known = from_publications()
    claims = [claim for claim in study.claims if claim.impossible or claim.key in known]
    return judge_claims(claims, known, study, _NOBODY)


def _implied() -> Iterator[Estimate]:
    for name in ("ft3_anc", "tpo_c4", "tg_c4", "cd4_t4"):
        sizes = thyroid.implied_sizes(name)
        if isinstance(sizes, NoEstimate):
            continue
        for part, size in zip(("implied_n_low", "implied_n_high"), sizes, strict=True):
            yield Estimate(
                key=f"{thyroid.PREFIX}/correlations/{name}/{part}",
                label="Patients that the printed r and P imply",
                measure=Measure.STATISTIC,
                value=float(size),
                method=thyroid.IMPLIED_METHOD,
            )


def _arms() -> Iterator[Estimate]:
    for comparison in comparisons(CONF_LEVEL):
        if isinstance(comparison.effect, Effect):
            tail = f"arms/{comparison.name}/mean_difference"
            yield _difference(tail, comparison.label, comparison.effect, comparison.effect.n)


def _difference(tail: str, label: str, effect: Effect | Pooled, n: int) -> Estimate:
    return Estimate(
        key=f"{gcsf.PREFIX}/{tail}",
        label=label,
        measure=Measure.DIFFERENCE,
        value=effect.estimate,
        n=n,
        ci_low=effect.ci_low,
        ci_high=effect.ci_high,
        conf_level=effect.conf_level,
        unit="d",
        method=effect.method,
    )


def _pooled() -> Iterator[Estimate]:
    effects = [c.effect for c in comparisons(CONF_LEVEL) if isinstance(c.effect, Effect)]
    answer = pool(
        [effect.estimate for effect in effects],
        [effect.se for effect in effects],
        method="fixed",
        conf_level=CONF_LEVEL,
    )
    if not isinstance(answer, NoEstimate):
        n = sum(effect.n for effect in effects)
        yield _difference("pooled/fixed", "Fixed effect", answer, n)


def _benchmark() -> Iterator[Estimate]:
    for row in gcsf_pooled():
        label, tail = gcsf.label_of(row), f"{gcsf.PREFIX}/{gcsf.tail_of(row)}"
        has_limits = row.ci_low is not None and row.ci_high is not None
        yield Estimate(
            key=f"{tail}/difference",
            label=label,
            measure=Measure.DIFFERENCE,
            value=row.difference_days,
            n=row.n,
            ci_low=row.ci_low,
            ci_high=row.ci_high,
            conf_level=gcsf.PRINTED_LEVEL if has_limits else None,
            unit="d",
            method=AS_PRINTED,
        )
        test = gcsf.z_test(row)
        if isinstance(test, NoEstimate) or test.statistic is None:
            continue
        for part, measure, value in (
            ("z", Measure.STATISTIC, test.statistic),
            ("p_value", Measure.P_VALUE, test.p_value),
        ):
            yield Estimate(
                key=f"{tail}/{part}", label=label, measure=measure, value=value, method=test.method
            )
