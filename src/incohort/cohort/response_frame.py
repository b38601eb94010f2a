"""Courses of the drugs that are given for LGL leukaemia, and what was seen of each, as a frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.daily import day_number
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

LGL_DRUGS = ("methotrexate", "cyclophosphamide", "ciclosporin", "steroids")
RESPONSE_COLUMNS = ("patient_id", "drug", "is_first", "has_response", "has_complete_response")
_CODES = {"L04AX03": "methotrexate", "L01AA01": "cyclophosphamide", "L04AD01": "ciclosporin"}
_STEROIDS = "H02AB"
_RESPONSES, _FAILURES = ("complete", "partial"), ("none", "progressive")
_DEATH = "death"
_MONTH = 30.4375  # days


@dataclass(frozen=True, slots=True)
class _Course:
    """A course: its drug, what the clinic calls it, its first day and its line if recorded."""

    drug: str
    name: str
    day: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a patient: a response of a drug or of none that is named, or the death."""

    day: int | None
    response: str
    drug: str | None


def response_frame(cohort: Cohort, assess_months: float) -> pd.DataFrame:
    """One row per course of treatment with one of `LGL_DRUGS`, in the order of patient and start.

    A response counts that the clinic recorded of the drug from the start of the course until
    `assess_months`. There was none where the clinic found none by then, or later without ever
    finding one; where another of these drugs was begun before, or the patient died. Else it is not
    known. What has no date counts as it stands if the patient had the drug once. Later cycles of a
    course are no courses, nor are rows of the same drug and line.

    Args:
        cohort: Any; without medications the frame is empty.
        assess_months: How long a course has to show a response.

    Returns:
        `patient_id`, `drug`, `is_first` (whether none of these drugs was given before; None where
        dates and lines don't tell), `has_response`, `has_complete_response`, which is None where
        `has_response` is.
    """
    rows: list[tuple[object, ...]] = []
    if cohort.has("medications"):
        seen = _seen(cohort)
        for patient, courses in _courses(cohort).items():
            for course in courses:
                answers = _answers(course, courses, seen[patient], assess_months * _MONTH)
                rows.append((patient, course.drug, _is_first(course, courses), *answers))
    return pd.DataFrame(rows, columns=list(RESPONSE_COLUMNS), dtype="object")


def _courses(cohort: Cohort) -> dict[str, list[_Course]]:
    """Each patient's courses, the earliest first; undated ones come last."""
    by_patient: dict[str, list[_Course]] = defaultdict(list)
    for patient, code, name, day, line in _rows(frame_of(cohort, _given)):
        drug = _drug_of(code)
        if drug is None:
            continue
        course = _Course(drug, name, _whole(day), _whole(line))
        same = [other for other in by_patient[patient] if other.drug == drug]
        is_more = any(
            (other.day, other.line) == (course.day, course.line)
            or (course.line is not None and other.line == course.line)
            for other in same
        )
        if not is_more:
            by_patient[patient].append(course)
    return by_patient


def _given(cohort: Cohort) -> ir.Table:
    medications = cohort.tables["medications"]
    is_begun = (medications.cycle_number == 1) | medications.cycle_number.isnull()  # noqa: PD003 — an Ibis column
    rows = medications.filter(medications.role == "treatment", is_begun)
    table = rows.select(
        "patient_id",
        code=names_in(rows.drug).substance(rows.atc, rows.drug),
        name=rows.drug,
        day=day_number(rows.started_on),
        line=rows.line_of_therapy,
    )
    is_undated = table.day.isnull()  # noqa: PD003 — an Ibis column
    return table.order_by("patient_id", is_undated, "day", "line", "code", "name")


def _seen(cohort: Cohort) -> dict[str, list[_Seen]]:
    """What was seen of each patient."""
    by_patient: dict[str, list[_Seen]] = defaultdict(list)
    if cohort.has("events"):
        for patient, event, response, name, day in _rows(frame_of(cohort, _events)):
            drug = None if name is None else (_drug_of(load().code_of(name) or "") or name)
            what = _DEATH if event == _DEATH else response
            by_patient[patient].append(_Seen(_whole(day), what, drug))
    return by_patient


def _events(cohort: Cohort) -> ir.Table:
    events = cohort.tables["events"]
    is_seen = (events.event == "response_assessment") & events.response.notnull()  # noqa: PD004 — an Ibis column
    rows = events.filter(is_seen | (events.event == _DEATH))
    table = rows.select("patient_id", "event", "response", "drug", day=day_number(rows.occurred_on))
    return table.order_by("patient_id", "day", "event", "response", "drug")


def _drug_of(code: str) -> str | None:
    """Which of the drugs an ATC code is."""
    return "steroids" if code.startswith(_STEROIDS) else _CODES.get(code)


def _is_first(course: _Course, courses: Sequence[_Course]) -> bool | None:
    """Whether a course came before all others of the patient."""
    if course.line is not None:
        return course.line == 1
    days = [other.day for other in courses if other.day is not None]
    if len(courses) == 1:
        return True
    if course.day is None or len(days) < len(courses) or days.count(course.day) > 1:
        return None
    return course.day == min(days)


def _answers(
    course: _Course, courses: Sequence[_Course], seen: Iterable[_Seen], days: float
) -> tuple[bool | None, bool | None]:
    """Whether there was a response in time, and a complete one."""
    others = [o.day for o in courses if o != course and o.day is not None]
    later = [day for day in others if course.day is not None and day > course.day]
    assessments = [item for item in seen if _is_of(item, course, courses)]
    in_time = [item.response for item in assessments if _days_after(course, item.day) <= days]
    after = [item.response for item in assessments if _days_after(course, item.day) > days]
    ends = [*later, *(s.day for s in seen if s.response == _DEATH and s.day is not None)]
    is_over = course.day is not None and any(0 <= end - course.day <= days for end in ends)
    if any(response in _RESPONSES for response in in_time):
        return True, "complete" in in_time
    has_failed = any(response in _FAILURES for response in in_time)
    fails_later = any(r in _FAILURES for r in after) and not any(r in _RESPONSES for r in after)
    return (False, False) if has_failed or is_over or fails_later else (None, None)


def _is_of(item: _Seen, course: _Course, courses: Sequence[_Course]) -> bool:
    """Whether a response is of a course: by its drug and day; without a drug by its day alone."""
    if item.response == _DEATH or item.drug not in {None, course.drug, course.name}:
        return False
    rivals = [o for o in courses if o != course and (item.drug is None or o.drug == course.drug)]
    if item.day is None or course.day is None:
        return not rivals
    if any(rival.day is None for rival in rivals):
        return False
    until = min((r.day for r in rivals if r.day is not None and r.day > course.day), default=None)
    return course.day <= item.day and (until is None or item.day <= until)


def _days_after(course: _Course, day: int | None) -> float:
    """How long after the start; what has no date counts as in time."""
    return 0 if day is None or course.day is None else day - course.day


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """The rows of a frame, None where nothing stands."""
    rows: list[list[Any]] = frame.astype(object).to_numpy().tolist()
    return [[None if pd.isna(value) else value for value in row] for row in rows]


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
