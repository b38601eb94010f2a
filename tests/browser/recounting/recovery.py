"""Notebook 04, time to recovery, counted again: episodes, times, curves and incidences.

Each patient's first episode that can be timed, from the last suspect's withdrawal to the first
count of 1.5 or more, or death, or the last count. One-sided counts are on the side that they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .raw import TO_CANONICAL, Cohort, Numbers
from .textbook import quantile

R = "anc_recovery"
RECOVERED_FROM = 1.5
DAYS = (7, 14, 28)
HORIZON = 28


@dataclass
class Episode:
    """From the first low count to recovery; `end` and `cause` as from day numbers."""

    patient: str
    onset: int
    last_low: int
    recovered: int | None
    withdrawn: int | None = None
    started: int | None = None
    end: int = 0
    cause: int = 0


def numbers(cohort: Cohort) -> Numbers:
    """Values under the keys of their estimates; nothing where a table is missing."""
    if not cohort.rows("labs"):
        return {}
    episodes = all_episodes(cohort)
    found = {
        f"{R}/patients/count": len({e.patient for e in episodes}),
        f"{R}/episodes/count": len(episodes),
        f"{R}/flow/described/count": len(cohort.patients),
    } | spans(episodes, has_drugs=bool(cohort.rows("medications")))
    if not cohort.rows("medications"):
        return found
    timed = first_timed(episodes)
    found |= {
        f"{R}/flow/timed/count": len(timed),
        f"{R}/analysed/count": len(timed),
        f"{R}/ends/recovered/count": sum(e.cause == 1 for e in timed),
        f"{R}/ends/died/count": sum(e.cause == 2 for e in timed),
    }
    for name, cause in (("recovered", 1), ("died", 2), ("censored", 0)):
        found[f"{R}/km/all/{name}/count"] = sum(e.cause == cause for e in timed)
    found[f"{R}/km/all/n/count"] = len(timed)
    return found | curves([(e.end - e.withdrawn, e.cause) for e in timed]) | by_onset(timed)


def all_episodes(cohort: Cohort) -> list[Episode]:
    """The episodes of every patient, in order."""
    deaths = {
        row["patient_id"]: day(row["occurred_on"])
        for row in cohort.rows("events")
        if row["event"] == "death" and row["occurred_on"]
    }
    found = []
    for patient, counts in daily(cohort).items():
        own = runs(patient, counts)
        before = None
        for episode in own:
            timed(episode, cohort, before, counts, deaths.get(patient))
            before = episode.recovered
        found += own
    return found


def daily(cohort: Cohort) -> dict[str, list[tuple[int, bool]]]:
    """Each patient's days with a count and whether the lowest of the day is below 1.5."""
    lows: dict[str, dict[int, bool]] = {}
    for row in cohort.rows("labs"):
        if row["analyte"] != "ANC" or not row["value"] or not row["taken_at"]:
            continue
        value = float(row["value"]) * TO_CANONICAL.get(("ANC", row["unit"]), 1.0)
        value = round(value, 9)
        sign = row.get("comparator", "")
        is_low = value < RECOVERED_FROM if sign in ("", None) else value <= RECOVERED_FROM
        if sign in (">", ">="):
            if value < RECOVERED_FROM:
                continue  # its side can't be told
            is_low = False
        elif sign in ("<", "<=") and not is_low:
            continue
        own = lows.setdefault(row["patient_id"], {})
        own[day(row["taken_at"][:10])] = own.get(day(row["taken_at"][:10]), False) or is_low
    return {patient: sorted(own.items()) for patient, own in sorted(lows.items())}


def runs(patient: str, counts: list[tuple[int, bool]]) -> list[Episode]:
    """A low count opens an episode, the next that is not low closes it."""
    found: list[Episode] = []
    is_open = False
    for number, is_low in counts:
        if is_low and not is_open:
            found.append(Episode(patient, number, number, None))
            is_open = True
        elif is_low:
            found[-1].last_low = number
        elif is_open:
            found[-1].recovered = number
            is_open = False
    return found


def timed(
    episode: Episode,
    cohort: Cohort,
    before: int | None,
    counts: list[tuple[int, bool]],
    died: int | None,
) -> None:
    """Add the suspect withdrawn last, and what ended the episode."""
    courses = [
        (day(row["started_on"]), day(row["stopped_on"]))
        for row in cohort.rows("medications")
        if row["patient_id"] == episode.patient and row["role"] == "suspect"
    ]
    own = [
        (start, stop)
        for start, stop in courses
        if (start is None or start <= episode.onset)
        and (stop is None or before is None or stop >= before)
    ]
    if own and all(stop is not None for _, stop in own):
        episode.withdrawn = max(stop for _, stop in own)
        starts = [start or 0 for start, stop in own if stop == episode.withdrawn]
        episode.started = max(starts) or None
    if episode.recovered is not None:
        episode.end, episode.cause = episode.recovered, 1
    elif died is not None:
        episode.end, episode.cause = died, 2
    else:
        episode.end = counts[-1][0]


def first_timed(episodes: list[Episode]) -> list[Episode]:
    """Each patient's first episode that does not end before the withdrawal."""
    found: dict[str, Episode] = {}
    for episode in episodes:
        if episode.withdrawn is not None and episode.end >= episode.withdrawn:
            found.setdefault(episode.patient, episode)
    return list(found.values())


def spans(episodes: list[Episode], *, has_drugs: bool) -> Numbers:
    """Onset of first episodes against the suspect's start, and how long episodes lasted."""
    first: dict[str, Episode] = {}
    for episode in episodes:
        first.setdefault(episode.patient, episode)
    onsets = [e.onset - e.started for e in first.values() if e.started is not None]
    lasted = [e.recovered - e.onset for e in episodes if e.recovered is not None]
    found: Numbers = {}
    for name, span in (("onset", onsets if has_drugs else []), ("duration", lasted)):
        values = sorted(span)
        if values:
            found[f"{R}/{name}/median"] = quantile(values, 0.5)
            found[f"{R}/{name}/q1"] = quantile(values, 0.25)
            found[f"{R}/{name}/q3"] = quantile(values, 0.75)
            found[f"{R}/{name}/minimum"] = min(values)
            found[f"{R}/{name}/maximum"] = max(values)
    return found


def curves(ends: list[tuple[int, int]]) -> Numbers:
    """Kaplan and Meier's and Aalen and Johansen's numbers, one day after the other."""
    if not ends:
        return {}
    last = max(time for time, _ in ends)
    survival, free, area = 1.0, 1.0, 0.0
    incidence = {1: 0.0, 2: 0.0}
    found: Numbers = {}
    for now in range(max(last, HORIZON) + 1):
        at_risk = sum(time >= now for time, _ in ends)
        if at_risk:
            events = {c: sum((time, cause) == (now, c) for time, cause in ends) for c in (1, 2)}
            for cause in (1, 2):
                incidence[cause] += free * events[cause] / at_risk
            free *= 1 - sum(events.values()) / at_risk
            survival *= 1 - events[1] / at_risk
        if now in DAYS and (now <= last or free == 0):
            found[f"{R}/incidence/all/recovered/by_day_{now}/proportion"] = incidence[1]
            found[f"{R}/incidence/all/died/by_day_{now}/proportion"] = incidence[2]
        if now in DAYS and (now <= last or survival == 0):
            found[f"{R}/km/all/by_day_{now}/proportion"] = 1 - survival
        area += survival if now < HORIZON else 0.0
    if last >= HORIZON and survival < 1 and min(time for time, c in ends if c == 1) < HORIZON:
        found[f"{R}/km/all/rmst"] = area
    return found


def by_onset(timed: list[Episode]) -> Numbers:
    """How long it took with death competing: of all, and by whether it had begun at withdrawal."""
    begun = [e for e in timed if e.onset <= e.withdrawn]
    late = [e for e in timed if e.onset > e.withdrawn]
    ends = {
        "all": [(e.end - e.withdrawn, e.cause) for e in timed],
        "begun": [(e.end - e.withdrawn, e.cause) for e in begun],
        "late": [(e.end - e.onset, e.cause) for e in late],
    }
    found: Numbers = {
        f"{R}/state/{name}/{part}/count": number
        for name, some in (("begun", begun), ("late", late))
        for part, number in (("n", len(some)), ("recovered", sum(e.cause == 1 for e in some)))
    }
    for name, own in ends.items():
        found |= {f"{R}/state/{name}/{part}": n for part, n in occupied(own).items()}
    return found


def occupied(ends: list[tuple[int, int]]) -> dict[str, float]:
    """The first day by which half had recovered, and the mean days up to the horizon in neither."""
    found: dict[str, float] = {}
    free, recovered, area = 1.0, 0.0, 0.0
    for now in range(max((time for time, _ in ends), default=-1) + 1):
        at_risk = sum(time >= now for time, _ in ends)
        events = [sum((time, cause) == (now, c) for time, cause in ends) for c in (1, 2)]
        recovered += free * events[0] / at_risk
        free *= 1 - sum(events) / at_risk
        if recovered >= 0.5 - 1e-12:
            found.setdefault("median", now)
        area += free if now < HORIZON else 0.0
    last = max((time for time, _ in ends), default=0)
    if (last >= HORIZON or free == 0) and any(cause and time < HORIZON for time, cause in ends):
        found["days"] = area
    return found


def day(text: str | None) -> int | None:
    """The number of a day; none where there is no date."""
    return date.fromisoformat(text[:10]).toordinal() if text else None
