"""Every published figure of the dictionary that something can be held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from incohort.claims.by_itself.judged import Judged, Shown
from incohort.claims.by_itself.judging import JudgedSource, judge_by_itself, judge_one
from incohort.dictionary import (
    AssaySeries,
    Claim,
    Figure,
    GcsfArm,
    PrintedShare,
    RecoverySeries,
    Study,
    assay_series,
    gcsf_arms,
    printed_shares,
    recovery_series,
    studies,
    study,
)

_PERCENT = re.compile(r"\d+(?:\.\d+)? %")
_SPREAD = re.compile(r"(\d+(?:\.\d+)?) ± (\d+(?:\.\d+)?)")
_LIMITS = re.compile(r"(\d+(?:\.\d+)?) \((\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)\)")
_RATIOS = {"odds ratio", "hazard ratio", "risk ratio"}
_DAYS = "1"  # days to recovery are counted whole: otherwise any mean could be


@cache
def published_judged() -> tuple[JudgedSource, ...]:
    """Every study with a figure that can be judged, in the order of their names."""
    return judge_by_itself(published_figures())


@cache
def published_figures() -> tuple[Shown, ...]:
    """The figures of all studies and of the evidence tables, those of a study together."""
    every = [shown for name in studies() for shown in _of_study(study(name))]
    every += _evidence()
    # a figure that two analyses are held against stands once
    once = {
        (entry.source, entry.figure.label, entry.figure.as_printed): entry
        for entry in reversed(every)
    }
    every = list(reversed(once.values()))
    return tuple(sorted(every, key=lambda shown: shown.source))  # stable: in the order of the files


def judged_beside(claim: Claim, published: Study) -> Judged | None:
    """What was printed beside a figure makes of it; None where nothing was that judges it."""
    every = tuple(_of_study(published))
    shown = next((entry for entry in every if entry.figure == claim), None)
    return None if shown is None else judge_one(shown, every)


def _of_study(published: Study) -> Iterator[Shown]:
    for claim in published.claims:
        if claim.judged_by or claim.version_of:
            figure: Figure | None = claim
        else:
            figure = _implied(claim, published)
        if figure is not None:
            yield Shown(
                figure=figure,
                source=published.name,
                title=published.title,
                certainty=claim.certainty,
                location=claim.location,
            )


def _implied(claim: Claim, published: Study) -> Figure | None:
    """A printed percentage whose number, and maybe count, stand under the same key."""
    if claim.field != "value" or not claim.is_printed or not claim.as_printed.endswith("%"):
        return None
    beside = {c.field: c for c in published.claims if c.key == claim.key}
    n, events = beside.get("n"), beside.get("events")
    if n is None or n.value is None or claim.impossible:
        return None
    share = {
        "n": round(n.value),
        "events": round(events.value) if events and events.value is not None else None,
        "n_from": "printed" if n.is_printed else "derived",
    }
    return Figure.model_validate(
        {"label": claim.label, "as_printed": claim.as_printed, "share": share, "note": claim.note}
    )


def _evidence() -> Iterator[Shown]:
    for row in printed_shares():
        yield _shown(row, row.figure)
    for series in assay_series():
        if series.percent is not None and (match := _PERCENT.search(series.as_printed)):
            share = {"n": series.n, "events": series.positive}
            yield _shown(series, _figure(f"Positive, {series.population}", match[0], share=share))
    for arm in gcsf_arms():
        if arm.has_moments and (match := _SPREAD.search(arm.as_printed)):
            mean = {"n": arm.n, "sd": match[2], "granularity": _DAYS}
            given = "with" if arm.arm == "gcsf" else "without"
            label = f"Days to recovery, {given} G-CSF, {arm.population}"
            yield _shown(arm, _figure(label, match[0], mean=mean))
    for entry in recovery_series():
        figure = _of_series(entry)
        if figure is not None:
            yield _shown(entry, figure)


def _of_series(row: RecoverySeries) -> Figure | None:
    label = (
        f"{_NAMES.get(row.measure, row.measure.replace('_', ' ').capitalize())}, {row.population}"
    )
    if row.measure.endswith("_percent") and row.n and (match := _PERCENT.search(row.as_printed)):
        is_count = row.measure != "cumulative_incidence_percent"
        share = {"n": row.n, "events": row.events, "is_count": is_count}
        return _figure(label, match[0], share=share)
    if row.measure == "recovery_days" and row.n and (match := _SPREAD.search(row.as_printed)):
        if row.threshold is not None:
            label = f"{label}, to {row.threshold:g}"
        mean = {"n": row.n, "sd": match[2], "granularity": _DAYS}
        return _figure(label, match[0], mean=mean)
    if row.statistic in _RATIOS and (match := _LIMITS.search(row.as_printed)):
        return _figure(label, match[0], ratio={"ci": (match[2], match[3])})
    return None


_NAMES = {
    "mortality_percent": "Died",
    "recovery_days": "Days to recovery",
    "nadir_below_0_1_percent": "Count below 0.1",
    "attributed_percent": "Attributed to the drugs listed",
    "cumulative_incidence_percent": "Cumulative incidence",
    "incidence_percent": "Incidence",
    "frequency_percent": "Frequency",
}


def _figure(label: str, as_printed: str, **judged_by: object) -> Figure:
    return Figure.model_validate({"label": label, "as_printed": as_printed} | judged_by)


def _shown(row: PrintedShare | AssaySeries | GcsfArm | RecoverySeries, figure: Figure) -> Shown:
    return Shown(
        figure=figure,
        source=row.study,
        title=study(row.study).title if row.study in studies() else row.study,
        certainty=row.certainty,
        location=row.source,
    )
