"""What a verdict says: the answer, where our number comes from, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from incohort.dictionary.models import Certainty
from incohort.results import Measure


class VerdictKind(StrEnum):
    """What came of one printed figure."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    AGREES_WITH_ITSELF = "agrees with itself"
    DOES_NOT_AGREE = "does not agree with itself"
    CONSISTENT_WITH = "consistent with"
    DIFFERS_FROM = "differs from"
    IMPOSSIBLE = "impossible as printed"
    NOT_TESTABLE = "not testable here"


class VerdictOrigin(StrEnum):
    """Where the number beside the printed one comes from."""

    ROWS = "recomputed from rows"
    PRINTED = "recomputed from other printed figures"
    QUOTED = "quoted"


class Reason(StrEnum):
    """Why the verdict is what it is."""

    SAME_NUMBER = "same number"
    SAME_WHEN_ROUNDED = "same number when rounded"
    SAME_DIRECTION = "same direction"
    OTHER_DIRECTION = "other direction"
    ANOTHER_NUMBER = "another number"
    ANOTHER_COUNT = "another count"
    ANOTHER_TEST = "another test"
    CUT = "cut, not rounded"
    IMPOSSIBLE = "impossible"
    QUOTED = "quoted"
    DIFFERENCE_HOLDS_0 = "the difference may be none"
    DIFFERENCE_EXCLUDES_0 = "the difference is not none"
    INSIDE = "inside our interval"
    ANOTHER_QUESTION = "another question"
    ANOTHER_INTERVAL = "another interval"
    OWN_PATIENTS = "about its own patients"
    DEPENDS_ON_SIZE = "depends on how many there were"
    NO_SPREAD = "no spread"
    TOO_FEW = "too few"
    NO_DIRECTION = "no direction"
    NO_ESTIMATE = "no estimate"
    NO_SUCH_ROWS = "no such rows"
    NOT_RECORDED = "not recorded"
    WITHHELD = "withheld"
    ROUNDED = "rounded for disclosure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One printed figure beside ours.

    Numbers are at full precision and in the estimate's own scale (proportions in [0, 1]); `measure`
    tells how to set `ours`, which is the part of the estimate that `field` names. `ci_low` and
    `ci_high` belong to the estimate's value, `difference` is ours minus the printed figure, and
    `difference_low` and `difference_high` are its 95 % limits where two samples were compared. None
    stands where there is no number. `is_printed` is False for what was worked out from printed
    figures, `needs_cohort` for what publications alone decide; `population` is whom another study's
    figure is of, empty for the cohort's own. `explanation` is a sentence without
    any number of ours: nothing is rounded here.
    """

    claim_key: str
    field: str
    label: str
    as_printed: str
    printed_value: float | None
    tolerance: float
    ours: float | None
    difference: float | None
    difference_low: float | None = None
    difference_high: float | None = None
    n: int | None
    ci_low: float | None
    ci_high: float | None
    conf_level: float | None
    measure: Measure | None
    unit: str
    verdict: VerdictKind
    origin: VerdictOrigin
    reason: Reason
    explanation: str
    certainty: Certainty
    is_printed: bool
    needs_cohort: bool
    population: str
    location: str
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is decided about one claim, and why; `limits` are those of a difference."""

    verdict: VerdictKind
    reason: Reason
    explanation: str
    limits: tuple[float, float] | None = None


def not_testable(reason: Reason, explanation: str) -> Finding:
    """The finding that nothing can be said here."""
    return Finding(VerdictKind.NOT_TESTABLE, reason, explanation)


def verdicts_to_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as plain JSON values, numbers at full precision; `claim_key` is called `key`.

    An open end of an interval is the text `Infinity` or `-Infinity`, as in `results.json`.
    """
    return [
        {"key": verdict.claim_key}
        | {name: _plain(value) for name, value in asdict(verdict).items() if name != "claim_key"}
        for verdict in verdicts
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
