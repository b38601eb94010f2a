"""A study's printed figures held against our estimates: one verdict each, with its reason.

Judged after the disclosure gate: what the gate withheld is not testable here, never compared in
secret. Only what was recomputed can be reproduced; a figure that was quoted can't. A cohort that
rebuilds a study has to give its figures again; any other cohort is a second sample beside it. What
needs no patients is judged from publications alone, once (`incohort.claims.alone`).
"""

from incohort.claims.judging import judge, told_in_report
from incohort.claims.verdicts import Reason, Verdict, VerdictKind, VerdictOrigin, verdicts_to_json

__all__ = [
    "Reason",
    "Verdict",
    "VerdictKind",
    "VerdictOrigin",
    "judge",
    "told_in_report",
    "verdicts_to_json",
]
