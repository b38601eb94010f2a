"""The form of `published/<study>.yaml`: a study, its printed figures, and what it left out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from incohort.dictionary.figures import Figure, check_ids
from incohort.dictionary.models import Certainty, _Entry
from incohort.results import Estimand


class Claim(Figure):
    """One printed figure of a study, under the key of the estimate that should equal it.

    Where no analysis makes that estimate the key is `published/<study>/<name>`, or that of an
    analysis to come, and the figure is judged by what else was printed alone.

    `value` None means printed in words only (`direction` then says which way). `tolerance` is half
    a unit of the last printed digit. `as_printed` is what stands on the page, misprint included.
    `method`, where given, is a word that the estimate's method must contain to be comparable, and
    `estimand` what the study estimated: an estimate of something else is another question.

    `made_from` is set where a rebuilt cohort was made to give the figure, so that it can't but come
    out: a share whose count was not printed, a correlation, a P value whose counts were not
    printed. Printed counts are so without saying. `sd` is a printed standard deviation of a mean.
    `if_missed` says why the study's own counts don't give the figure, where that is known.
    """

    key: str
    value: float | None
    tolerance: float = 0.0
    field: Literal["value", "n", "events", "ci_low", "ci_high"] = "value"
    direction: Literal["higher", "lower"] | None = None
    method: str = ""
    estimand: Estimand | None = None
    sd: float | None = Field(default=None, gt=0)
    certainty: Certainty
    location: str
    impossible: str = ""  # why it can't be as printed, and how it is read here
    made_from: bool = False
    if_missed: Literal["another test"] | None = None

    @property
    def is_printed(self) -> bool:
        """Whether the study printed it; what was worked out here from its figures it didn't."""
        return self.certainty != "derived"


class NotPublished(_Entry):
    """Something a reader would look for that the study does not print."""

    what: str
    consequence: str


class Study(_Entry):
    """Everything in one `published/<study>.yaml`.

    `population` is whom the figures are of, as it stands after “of”; a cohort of others may differ
    for that reason alone.
    """

    name: str
    title: str
    citation: str
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    design: str
    population: str = ""
    claims: tuple[Claim, ...]
    not_published: tuple[NotPublished, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_ids(self) -> Study:
        check_ids(self.claims)
        return self
