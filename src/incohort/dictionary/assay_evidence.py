"""What other series found with antineutrophil-antibody assays: a printed figure each."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from incohort.dictionary.files import bundled
from incohort.dictionary.models import Certainty, _Entry
from incohort.dictionary.rows import parse_rows


class AssaySeries(_Entry):
    """One row of `evidence/assay_series.csv`: a figure that can't be rebuilt into a cohort.

    `n` are the patients or laboratories it is about, `positive` those positive (or successful)
    where a count was printed, `percent` the share as it was printed; None where none was.
    Nothing is worked out from the others. `assay` is one of the dictionary's, empty where the
    source does not name one.
    """

    study: str
    counted: Literal["patients", "laboratories"]
    n: Annotated[int, Field(gt=0)]
    positive: Annotated[int, Field(ge=0)] | None = None
    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    assay: str = ""
    population: str
    as_printed: str
    source: str
    certainty: Certainty


@cache
def assay_series() -> tuple[AssaySeries, ...]:
    """The series of this installation, in the file's order.

    Raises:
        DictionaryError: A row of the file is not as its model says.
    """
    path = bundled("data_dictionary") / "evidence" / "assay_series.csv"
    return parse_rows(path, AssaySeries, optional=("positive", "percent"))
