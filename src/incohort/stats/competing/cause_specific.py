"""Cox's model of the hazard of one cause, the others censored."""

from __future__ import annotations

from numpy.typing import ArrayLike

from incohort.stats.competing.inputs import caused_follow_up, check_cause
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.cox import cox
from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.cox_likelihood import Ties


def cause_specific(  # noqa: PLR0913 - the arguments of cox, and the cause
    time: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    *,
    cause_of_interest: int = 1,
    time_enter: ArrayLike | None = None,
    ties: Ties = "efron",
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> CoxFit | NoEstimate:
    """The hazard ratios of covariates for one cause, among those still without any event.

    They say what acts on the cause itself. What acts on how many have had it in the end depends
    on the other causes, too: that is Fine and Gray's model.

    Args:
        time: When the row's follow-up ended, from 0, shape (n,).
        cause: Why: 0 is censored, 1, 2, … are the causes, shape (n,).
        covariates: Numbers without missing values, shape (n, k) or (n,).
        cause_of_interest: The cause that is modelled.
        time_enter: When the row came under observation, shape (n,).
        ties: How events at one time are handled.
        stratum: Each label has its own baseline hazard, shape (n,).
        cluster: Rows of one label are not independent, shape (n,).

    Raises:
        ValueError: As `caused_follow_up` and `cox`.

    Source: Prentice et al. 1978, Biometrics 34:541; R's coxph in tests/validation/competing.
    """
    check_cause(cause_of_interest)
    caused = caused_follow_up(time, cause, time_enter)
    return cox(
        time,
        caused.had(cause_of_interest),
        covariates,
        time_enter=time_enter,
        ties=ties,
        stratum=stratum,
        cluster=cluster,
    )
