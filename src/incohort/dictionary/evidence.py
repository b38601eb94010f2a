"""What other series found of recovery and of G-CSF: printed figures, typed, one a row.

What was worked out from printed figures is certain as `derived`, and says how. Nothing is filled in
that was not found: None, or an empty word, is not known.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from incohort.dictionary.files import bundled
from incohort.dictionary.models import Certainty, _Entry
from incohort.dictionary.rows import parse_rows

_Count = Annotated[int, Field(ge=0)]
_Positive = Annotated[float, Field(gt=0)]
_FOLDER = "evidence"


class GcsfArm(_Entry):
    """One row of `evidence/gcsf_arms.csv`: the patients with or without G-CSF of one comparison.

    `study` names the published study, `comparison` the pair of arms, of which a study may have
    several. `threshold` is the count in 10⁹/L that recovery means, where it is stated. Of the days
    to recovery one is given: `mean_days` with `sd_days` where it was printed, `median_days`, or
    `other_days` where it was not said which of the two it is.
    """

    study: str
    comparison: str
    label: str
    threshold: _Positive | None = None
    population: str
    region: Literal["asia", "europe", "several", "not_stated"]
    arm: Literal["gcsf", "none"]
    n: Annotated[int, Field(gt=0)] | None = None
    mean_days: _Positive | None = None
    sd_days: _Positive | None = None
    median_days: _Positive | None = None
    other_days: _Positive | None = None
    as_printed: str
    source: str
    certainty: Certainty
    note: str = ""

    @property
    def has_moments(self) -> bool:
        """Whether a mean difference with its standard error can be worked out from this arm."""
        return None not in (self.n, self.mean_days, self.sd_days)


class PooledDifference(_Entry):
    """One row of `evidence/gcsf_pooled.csv`: a mean difference that a meta-analysis printed.

    Days with G-CSF less days without. `version` tells the paper from its provisional abstract and
    from an earlier abstract. `group` is `all`, a region, or a recovery criterion.
    """

    study: str
    version: Literal["paper", "provisional", "conference"]
    group: str
    threshold: _Positive | None = None
    n_studies: _Count | None = None
    n: _Count | None = None
    n_gcsf: _Count | None = None
    n_none: _Count | None = None
    difference_days: float
    ci_low: float | None = None
    ci_high: float | None = None
    z: float | None = None
    p_value: Annotated[float, Field(ge=0, le=1)] | None = None
    i_squared: Annotated[float, Field(ge=0, le=1)] | None = None
    as_printed: str
    source: str
    certainty: Certainty
    note: str = ""


class RecoverySeries(_Entry):
    """One row of `evidence/recovery_series.csv`: one figure of a series of patients.

    `measure` carries its unit (`recovery_days`, `mortality_percent`; `nadir` in 10⁹/L), `statistic`
    says what `value` is: `unspecified` where the source does not. `group` is everybody, or the
    patients with or without G-CSF, or those on one side of a nadir. `low` and `high` are what
    `spread` says. `events` of `n` where counts were printed.
    """

    study: str
    cause: Literal["drug_induced", "late_onset"]
    population: str
    group: Literal["all", "gcsf", "none", "nadir_below_0_1", "nadir_from_0_1"]
    measure: str
    statistic: Literal[
        "mean", "median", "share", "count", "rate", "odds ratio", "hazard ratio",
        "single", "unspecified",
    ]  # fmt: skip
    threshold: _Positive | None = None
    n: _Count | None = None
    events: _Count | None = None
    value: float
    sd: _Positive | None = None
    low: float | None = None
    high: float | None = None
    spread: Literal["", "range", "ci"] = ""
    as_printed: str
    source: str
    certainty: Certainty
    note: str = ""


@cache
def gcsf_arms() -> tuple[GcsfArm, ...]:
    """The arms with and without G-CSF, pair by pair.

    Raises:
        DictionaryError: A row of the file is not as its model says.
    """
    path = bundled("data_dictionary") / _FOLDER / "gcsf_arms.csv"
    numbers = ("threshold", "n", "mean_days", "sd_days", "median_days", "other_days")
    return parse_rows(path, GcsfArm, optional=numbers)


@cache
def gcsf_pooled() -> tuple[PooledDifference, ...]:
    """The pooled differences that meta-analyses printed.

    Raises:
        DictionaryError: A row of the file is not as its model says.
    """
    path = bundled("data_dictionary") / _FOLDER / "gcsf_pooled.csv"
    numbers = (
        "threshold", "n_studies", "n", "n_gcsf", "n_none", "ci_low", "ci_high", "z", "p_value",
        "i_squared",
    )  # fmt: skip
    return parse_rows(path, PooledDifference, optional=numbers)


@cache
def recovery_series() -> tuple[RecoverySeries, ...]:
    """What series of patients found of onset, recovery and death, study by study.

    Raises:
        DictionaryError: A row of the file is not as its model says.
    """
    path = bundled("data_dictionary") / _FOLDER / "recovery_series.csv"
    numbers = ("threshold", "n", "events", "sd", "low", "high")
    return parse_rows(path, RecoverySeries, optional=numbers)
