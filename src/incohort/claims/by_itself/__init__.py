"""Printed figures judged without any data: does what was printed agree with itself?

A percentage has a count, an interval its estimate, a P value its table, a total its parts. What
does not agree is no accusation: a sentence says what would have to be true.
"""

from incohort.claims.by_itself.judged import EXCEPTIONS, Judged, Shown, Why
from incohort.claims.by_itself.judging import JudgedSource, all_judged, judge_by_itself
from incohort.claims.by_itself.own import judged_in_file, judged_in_memory, shown_of
from incohort.claims.by_itself.published import judged_beside, published_figures, published_judged

__all__ = [
    "EXCEPTIONS",
    "Judged",
    "JudgedSource",
    "Shown",
    "Why",
    "all_judged",
    "judge_by_itself",
    "judged_beside",
    "judged_in_file",
    "judged_in_memory",
    "published_figures",
    "published_judged",
    "shown_of",
]
