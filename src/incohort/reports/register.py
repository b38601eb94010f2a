"""The register of published figures: each with the verdicts of all reports that lie in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.claims import VerdictKind
from incohort.dictionary import Claim, Study, studies, study
from incohort.reports.claims_view import TONES
from incohort.reports.entries import Entry

Figure = tuple[str, str]  # a claim's key, and the part of the estimate that it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVerdict:
    """What one report found of one figure, and where the report lies."""

    cohort: str
    folder: str
    verdict: str
    icon: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One published figure with every verdict on it."""

    claim: Claim
    verdicts: tuple[RegisterVerdict, ...]

    @property
    def analysis(self) -> str:
        """The analysis whose estimate should equal the figure: the first part of its key."""
        return self.claim.key.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStudy:
    """A study and its figures, in the dictionary's order."""

    study: Study
    rows: tuple[RegisterRow, ...]


def claims_register(entries: Sequence[Entry], out: Path) -> tuple[RegisterStudy, ...]:
    """Every study of the dictionary, its figures, and the verdicts of the reports in `out`."""
    return tuple(_study(study(name), entries, out) for name in studies())


def verdicts_in(entries: Sequence[Entry], out: Path, name: str) -> dict[Figure, str]:
    """What the reports in `out` found of each figure of a study, with the report's cohort."""
    found = _verdicts(name, entries, out)
    return {
        figure: ", ".join(f"{v.verdict} ({v.cohort})" for v in verdicts)
        for figure, verdicts in found.items()
    }


def _study(published: Study, entries: Sequence[Entry], out: Path) -> RegisterStudy:
    found = _verdicts(published.name, entries, out)
    rows = tuple(
        RegisterRow(claim=claim, verdicts=tuple(found.get((claim.key, claim.field), ())))
        for claim in published.claims
    )
    return RegisterStudy(study=published, rows=rows)


def _verdicts(
    name: str, entries: Sequence[Entry], out: Path
) -> dict[Figure, list[RegisterVerdict]]:
    found: dict[Figure, list[RegisterVerdict]] = {}
    for entry in entries:
        if entry.failed:
            continue
        for claim in _claims(out / entry.folder / "claims.json"):
            if claim["study"] == name:
                figure = claim["key"], claim["field"]
                found.setdefault(figure, []).append(_verdict(entry, claim["verdict"]))
    return found


def _claims(path: Path) -> list[dict[str, Any]]:
    """The verdicts that lie beside a report; none where the file was taken away."""
    try:
        claims: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["claims"]
    except (OSError, ValueError, KeyError):
        return []
    return claims


def _verdict(entry: Entry, words: str) -> RegisterVerdict:
    icon, tone = TONES[VerdictKind(words)]
    return RegisterVerdict(
        cohort=entry.cohort, folder=entry.folder, verdict=words, icon=icon, tone=tone
    )
