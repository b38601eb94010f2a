"""What series printed of recovery and of G-CSF, as listings."""

from __future__ import annotations

from collections.abc import Iterable

from incohort.dictionary.evidence import GcsfArm, PooledDifference, RecoverySeries
from incohort.pages.wording import CERTAINTY, Listing

_REGIONS = {"asia": "Asia", "europe": "Europe", "several": "several", "not_stated": "not stated"}
_ARMS = {"gcsf": "G-CSF", "none": "none"}
_GROUPS = {
    "all": "everybody",
    "gcsf": "with G-CSF",
    "none": "without G-CSF",
    "nadir_below_0_1": "nadir below 0.1",
    "nadir_from_0_1": "nadir from 0.1",
}
_VERSIONS = {
    "paper": "paper",
    "provisional": "its provisional abstract",
    "conference": "an earlier abstract",
}
_RECOVERED = "Recovery, 10⁹/L"
_PRINTED = ("As printed", "Source", "Certainty", "Note")


def arms(entries: Iterable[GcsfArm]) -> Listing:
    """The arms of every comparison of G-CSF with none, one a row."""
    rows = tuple(
        (
            entry.label,
            entry.population,
            _REGIONS[entry.region],
            _number(entry.threshold),
            _ARMS[entry.arm],
            _number(entry.n),
            *_printed(entry),
        )
        for entry in entries
    )
    heads = ("Comparison", "Of whom", "Region", _RECOVERED, "Given", "n", *_PRINTED)
    text = (
        "Days to recovery. Where n or a standard deviation is missing it was not found, and the "
        "comparison is not pooled."
    )
    return Listing(title="G-CSF compared with none, arm by arm", heads=heads, rows=rows, text=text)


def pooled(entries: Iterable[PooledDifference]) -> Listing:
    """The differences that meta-analyses printed, one a row."""
    rows = tuple(
        (
            entry.study,
            _VERSIONS[entry.version],
            entry.group.replace("_", " "),
            _number(entry.n_studies),
            _number(entry.n),
            *_printed(entry),
        )
        for entry in entries
    )
    heads = ("Meta-analysis", "Version", "Studies", "How many", "Patients", *_PRINTED)
    text = "Days to recovery with G-CSF less days without; a minus is sooner with it."
    return Listing(title="Published meta-analyses of G-CSF", heads=heads, rows=rows, text=text)


def series(entries: Iterable[RecoverySeries]) -> Listing:
    """What series of patients found of onset, recovery and death, one figure a row."""
    rows = tuple(
        (
            entry.study,
            entry.population,
            _GROUPS[entry.group],
            entry.measure.replace("_", " "),
            entry.statistic,
            _number(entry.threshold),
            _number(entry.n),
            *_printed(entry),
        )
        for entry in entries
    )
    heads = (
        "Series", "Of whom", "Group", "Measure", "Statistic", _RECOVERED, "n", *_PRINTED,
    )  # fmt: skip
    text = (
        "Of drug-induced neutropenia, and of late-onset neutropenia after rituximab, which lasts "
        "much longer and is pooled with nothing."
    )
    return Listing(title="What series found of recovery", heads=heads, rows=rows, text=text)


def _printed(entry: GcsfArm | PooledDifference | RecoverySeries) -> tuple[str, str, str, str]:
    return entry.as_printed, entry.source, CERTAINTY[entry.certainty], entry.note


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
