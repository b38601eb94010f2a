"""How two measured values go together: Pearson's r and Spearman's rho of those who have both."""

from __future__ import annotations

from incohort.results import Measure, PatientPoints
from incohort.shapes.characteristics import Variable
from incohort.shapes.sets import Members
from incohort.shapes.telling import Told
from incohort.stats import NoEstimate
from incohort.stats.correlation import pearson, spearman


def with_both(members: Members, x: Variable, y: Variable) -> Members:
    """Those of a set in whom both values are recorded."""
    for variable in (x, y):
        members = members.where(members.base.recorded(variable.column), "yes")
    return members


def correlations(
    told: Told, tail: str, label: str, x: Variable, y: Variable, members: Members
) -> dict[str, str]:
    """How many pairs there are, r with its square, and rho, each by a word for what it is."""
    both, level = with_both(members, x, y), told.scope.conf_level
    a, b = (both.frame[variable.column].to_numpy(dtype=float) for variable in (x, y))
    r, rho = pearson(a, b, conf_level=level), spearman(a, b, conf_level=level)
    square = r if isinstance(r, NoEstimate) else r.estimate**2
    kind, sets = Measure.CORRELATION, (both,)
    return {
        "n": told.count_in(f"{tail}/n/count", f"{label}: pairs", both),
        "pearson": told.statistic_in(f"{tail}/pearson", label, kind, r, sets),
        "pearson_p_value": told.test_in(f"{tail}/pearson_p_value", f"{label}: P", r, sets),
        "spearman": told.statistic_in(f"{tail}/spearman", f"{label}: rho", kind, rho, sets),
        "spearman_p_value": told.test_in(
            f"{tail}/spearman_p_value", f"{label}: P of rho", rho, sets
        ),
        "r_squared": told.statistic_in(
            f"{tail}/r_squared", f"{label}: r²", kind, square, sets,
            method="square of Pearson's r",
        ),
    }  # fmt: skip


def points(
    told: Told, tail: str, label: str, x: Variable, y: Variable, members: Members,
    axes: tuple[str, str],
) -> str:  # fmt: skip
    """One mark a patient who has both values, by their size and not by who it is."""
    key, both = told.scope.key(tail), with_both(members, x, y)
    pairs = both.frame[[x.column, y.column]].astype(float).sort_values([x.column, y.column])
    cloud = PatientPoints(
        key=key,
        label=label,
        x=tuple(pairs[x.column]),
        y=tuple(pairs[y.column]),
        group=("",) * len(pairs),
        x_label=axes[0],
        y_label=axes[1],
        sources=told.sources,
        origin=told.scope.cohort.origin_of(key, told.sources),
    )
    return told.drawn_in(cloud, both)
