"""Time to events of which one precludes the others: curves, tests and models by cause."""

from incohort.stats._ratios import SubdistributionHazardRatio
from incohort.stats.competing.aalen_johansen import (
    AalenJohansen,
    CumulativeIncidence,
    IncidenceTable,
    aalen_johansen,
)
from incohort.stats.competing.cause_specific import cause_specific
from incohort.stats.competing.fine_gray import FineGrayFit, fine_gray
from incohort.stats.competing.gray import GrayTest, gray_test
from incohort.stats.competing.predicted import PredictedIncidence, predicted_incidence

__all__ = [
    "AalenJohansen",
    "CumulativeIncidence",
    "FineGrayFit",
    "GrayTest",
    "IncidenceTable",
    "PredictedIncidence",
    "SubdistributionHazardRatio",
    "aalen_johansen",
    "cause_specific",
    "fine_gray",
    "gray_test",
    "predicted_incidence",
]
