"""How two measured values go together: Pearson's r and Spearman's rho of those who have both."""

from __future__ import annotations

from incohort.dictionary.wording import unit_words
from incohort.results import Measure
from incohort.shapes.characteristics import Variable
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.correlation import pearson, spearman


def _pairs(members: Members, x: Variable, y: Variable) -> tuple[Members, Members]:
    """Those of a set in whom both values are recorded, and those in whom one is not."""
    base = members.base
    recorded = (base.everybody.known(base.recorded(v.column)) for v in (x, y))
    return members.complete(*recorded)


def correlations(
    draft: Draft, tail: str, label: str, x: Variable, y: Variable, members: Members
) -> dict[str, str]:
    """How many pairs there are, r with its square, and rho, each by a word for what it is."""
    (both, incomplete), level = _pairs(members, x, y), draft.scope.conf_level
    a, b = (both.frame[variable.column].to_numpy(dtype=float) for variable in (x, y))
    r, rho = pearson(a, b, conf_level=level), spearman(a, b, conf_level=level)
    square = r if isinstance(r, NoEstimate) else r.estimate**2
    kind, sets = Measure.CORRELATION, (both,)
    if len(incomplete):
        draft.count_in(f"{tail}/incomplete/count", f"{label}: one or both missing", incomplete)
    return {
        "n": draft.count_in(f"{tail}/n/count", f"{label}: pairs", both),
        "pearson": draft.statistic_in(f"{tail}/pearson", label, kind, r, sets),
        "pearson_p_value": draft.test_in(f"{tail}/pearson_p_value", f"{label}: P", r, sets),
        "spearman": draft.statistic_in(f"{tail}/spearman", f"{label}: rho", kind, rho, sets),
        "spearman_p_value": draft.test_in(
            f"{tail}/spearman_p_value", f"{label}: P of rho", rho, sets
        ),
        "r_squared": draft.statistic_in(
            f"{tail}/r_squared", f"{label}: r²", kind, square, sets,
            method="square of Pearson's r",
        ),
    }  # fmt: skip


def points(draft: Draft, tail: str, label: str, x: Variable, y: Variable, members: Members) -> str:
    """One mark a patient who has both values, by their size and not by who it is."""
    both, _ = _pairs(members, x, y)
    pairs = both.frame[[x.column, y.column]].astype(float).itertuples(index=False, name=None)
    return draft.points_in(tail, label, pairs, (axis_label(x), axis_label(y)), both)


def axis_label(variable: Variable) -> str:
    """A value with its unit, as it stands along an axis."""
    return f"{variable.label}, {unit_words(variable.unit)}"
