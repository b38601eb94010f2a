"""Printed figures judged by what else was printed: text in, frozen dataclass out."""

from incohort.stats.printed.digits import Printed, Style, read_percent, read_printed
from incohort.stats.printed.intervals import IntervalByMethod, share_intervals
from incohort.stats.printed.means import MeanFit, grim, grimmer
from incohort.stats.printed.p_values import (
    PByTest,
    PRange,
    p_of_rates,
    p_of_statistic,
    p_of_table,
    which_print,
)
from incohort.stats.printed.rates import (
    EventsFit,
    events_behind_rate,
    is_narrow,
    rate_prints,
)
from incohort.stats.printed.ratios import (
    ImpliedP,
    Symmetry,
    p_from_interval,
    symmetric,
    tables_behind_ratio,
)
from incohort.stats.printed.shares import (
    CommonDenominator,
    Fit,
    ShareFit,
    StyleTally,
    common_denominators,
    possible_counts,
    share_fit,
    style_of,
)
from incohort.stats.printed.sums import SumFit, adds_up, is_ordered

__all__ = [
    "CommonDenominator",
    "EventsFit",
    "Fit",
    "ImpliedP",
    "IntervalByMethod",
    "MeanFit",
    "PByTest",
    "PRange",
    "Printed",
    "ShareFit",
    "Style",
    "StyleTally",
    "SumFit",
    "Symmetry",
    "adds_up",
    "common_denominators",
    "events_behind_rate",
    "grim",
    "grimmer",
    "is_narrow",
    "is_ordered",
    "p_from_interval",
    "p_of_rates",
    "p_of_statistic",
    "p_of_table",
    "possible_counts",
    "rate_prints",
    "read_percent",
    "read_printed",
    "share_fit",
    "share_intervals",
    "style_of",
    "symmetric",
    "tables_behind_ratio",
    "which_print",
]
