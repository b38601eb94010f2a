"""Each patient's first course, as an estimator takes it, and the episodes in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from incohort.cohort import LateOnsetDays
from incohort.cohort.late_onset_days import LOW, NORMAL, RECOVERED, fits

CENSORED, LATE, ENDED = 0, 1, 2  # how a course ended
OFTEN = 31  # days: counted about monthly
SOON = 365  # days from recovery to the next dose


def is_true(flags: pd.Series) -> pd.Series:
    """Where a flag is known to be true."""
    return flags.map(lambda flag: flag is True).astype(bool)


def courses(days: LateOnsetDays, definition: str, *, other_competes: bool) -> pd.DataFrame:
    """One row per patient with a dated first dose, by patient.

    Columns: `first`, the day of the first dose; `had_before`, whether a count came before; `time`,
    days to the first late-onset count, to death, to another treatment, or to the last count, and
    `cause`, which of these; `gap`, the median days between counts from the first dose on.

    Args:
        days: Counts and doses.
        definition: Whose.
        other_competes: Whether another treatment competes; else it ends observation.
    """
    doses = days.doses[is_true(days.doses["is_of_class"])].dropna(subset=["day"])
    first = doses.groupby("patient_id")["day"].min().astype(float)
    counts = days.counts.assign(first=days.counts["patient_id"].map(first)).dropna(subset=["first"])
    after = counts[is_true(counts["is_dosed"])]
    event = after[is_true(after[fits(definition)])].groupby("patient_id")["day"].min()
    ends = pd.DataFrame({"first": first})
    ends["had_before"] = ends.index.isin(counts[counts["day"] <= counts["first"]]["patient_id"])
    ends["last"] = after.groupby("patient_id")["day"].max()
    ends["event"] = event.reindex(ends.index).astype(float)
    others = days.others.assign(first=days.others["patient_id"].map(first))
    others = others[others["day"] > others["first"]]
    ends["other"] = others.groupby("patient_id")["day"].min()
    ends["death"] = days.deaths.groupby("patient_id")["day"].min()
    gaps = after.groupby("patient_id")["day"].diff()
    own = after.drop_duplicates("patient_id")
    to_first = (own["day"] - own["first"]).set_axis(own["patient_id"])
    gaps = pd.concat([gaps.set_axis(after["patient_id"]).dropna(), to_first])
    ends["gap"] = gaps.astype(float).groupby(level=0).median()
    return _ended(ends.astype({"last": float, "other": float, "death": float}), other_competes)


def _ended(ends: pd.DataFrame, other_competes: bool) -> pd.DataFrame:
    """The first of event, death, other treatment and last count; of one day in this order."""
    last = ends["last"].where(ends["death"].isna() | (ends["death"] < ends["last"]), ends["death"])
    stop = pd.concat([last, ends["other"]], axis=1).min(axis=1)
    is_late = ends["event"].notna() & ~(stop < ends["event"])
    time = ends["event"].where(is_late, stop) - ends["first"]
    is_dead = ~is_late & (ends["death"] == stop)
    is_other = ~is_late & ~is_dead & (ends["other"] == stop)
    cause = np.select(
        [is_late, is_dead, is_other], [LATE, ENDED, ENDED if other_competes else CENSORED], CENSORED
    )
    return ends.assign(time=time, cause=cause)


def episodes(days: LateOnsetDays, definition: str) -> pd.DataFrame:
    """One row per episode of low counts that holds a late-onset count, in order of its days.

    An episode begins with the first count as low as the widest of the published definitions asks,
    after the first dose, and ends before the next that is not below that limit. Its onset is the
    first count in it that meets the definition.

    Columns: `patient_id`; `order`, of the patient's late-onset episodes from 1 on; `onset`, a day;
    `delay`, days since the last dose, if known; `window`, days since the count before; `low_for`
    and `well_after`, the days to the last count before recovery and to the first at the threshold,
    missing where there is none, and the day of that, `end`; `dosed_again`, whether a dose came
    after it, with counts since, and `dosed_again_soon`, within `SOON` days; `again`, whether
    another such episode followed that dose.
    """
    rows = []
    for patient, counts in days.counts.groupby("patient_id", sort=False):
        rows += _of_patient(str(patient), counts, definition)
    columns = ["patient_id", "order", "onset", "delay", "window", "low_for", "well_after", "end"]
    frame = pd.DataFrame(rows, columns=columns)
    return _given_again(frame, days)


def _of_patient(patient: str, counts: pd.DataFrame, definition: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for low in low_runs(counts, (LOW, fits(definition))):
        met = low[is_true(low[fits(definition)])]
        if met.empty:
            continue
        onset = met.iloc[0]
        day = float(onset["day"])
        before = counts[counts["day"] < day]["day"]
        from_onset = counts[counts["day"] >= day]
        well = from_onset[is_true(from_onset[RECOVERED]) & (from_onset["day"] > day)]["day"]
        recovered = float(well.iloc[0]) if len(well) else np.nan
        still = from_onset[~(from_onset["day"] >= recovered)]["day"]
        rows.append((
            patient, len(rows) + 1, day,
            np.nan if pd.isna(onset["waited"]) else float(onset["waited"]),
            day - float(before.max()) if len(before) else np.nan,
            float(still.max()) - day, recovered - day, recovered,
        ))  # fmt: skip
    return rows


def low_runs(counts: pd.DataFrame, begins_with: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    """The counts of each episode after the first dose, of one patient's counts in order."""
    after = counts[is_true(counts["is_dosed"])]
    begins = np.any([is_true(after[name]) for name in begins_with], axis=0)
    normal = is_true(after[NORMAL]).to_numpy()
    place = 0
    while place < len(after) and begins[place:].any():
        start = place + int(np.argmax(begins[place:]))
        later = np.flatnonzero(normal[start + 1 :])
        place = start + 1 + int(later[0]) if len(later) else len(after)
        yield after.iloc[start:place]


def _given_again(frame: pd.DataFrame, days: LateOnsetDays) -> pd.DataFrame:
    """The same with whether a dose followed the recovery, and another episode that dose."""
    doses = days.doses[is_true(days.doses["is_of_class"])].dropna(subset=["day"])
    given = {patient: rows["day"] for patient, rows in doses.groupby("patient_id")}
    onsets = {patient: rows["onset"] for patient, rows in frame.groupby("patient_id")}
    seen = days.counts.groupby("patient_id")["day"].max()
    dosed, soon, again = [], [], []
    for patient, end in zip(frame["patient_id"], frame["end"].astype(float), strict=True):
        later = given.get(patient, pd.Series(dtype=float))
        later = later[later >= end]
        dose = float(later.min()) if len(later) else np.inf
        is_dosed = bool(seen[patient] > dose)
        dosed.append(is_dosed)
        soon.append(is_dosed and dose - end <= SOON)
        again.append(bool((onsets[patient] > dose).any()) if is_dosed else None)
    return frame.assign(
        dosed_again=dosed, dosed_again_soon=soon, again=pd.Series(again, dtype=object)
    )
