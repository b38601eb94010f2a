"""The register of published figures: each with the verdicts of all reports that lie in a folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incohort.claims import Verdict, VerdictKind, VerdictOrigin
from incohort.claims.alone import judge_alone
from incohort.dictionary import Claim, Study, studies, study
from incohort.reports.claims_view import TONES, short_origin
from incohort.reports.entries import Entry
from incohort.reports.reading import LeftOut, Shape, Text, read_shape

ALONE = "publications alone"  # beside no cohort
Figure = tuple[str, str]  # a claim's key, and the part of the estimate that it is about
CLAIMS = "claims.json"


class _Judged(Shape):
    """A verdict as it lies beside a report."""

    study: Text
    key: Text
    field: Text
    verdict: Text
    origin: Text = ""


class _Claims(Shape):
    """All verdicts of a report."""

    claims: list[_Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVerdict:
    """What one report found of one figure, and where the report lies.

    Without a folder it is what publications alone decide, beside no cohort.
    """

    cohort: str
    folder: str
    changed: tuple[str, ...]
    verdict: str
    origin: str
    icon: str
    tone: str

    @property
    def column(self) -> str:
        """The column that it stands in."""
        return self.cohort or ALONE

    @property
    def is_decided(self) -> bool:
        """Whether anything could be tested."""
        return self.verdict != VerdictKind.NOT_TESTABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One published figure with every verdict on it."""

    claim: Claim
    verdicts: tuple[RegisterVerdict, ...]

    @property
    def analysis(self) -> str:
        """The analysis whose estimate should equal the figure: the first part of its key."""
        return self.claim.key.partition("/")[0]

    @property
    def is_tested(self) -> bool:
        """Whether any report, or publications alone, decided anything on it."""
        return any(verdict.is_decided for verdict in self.verdicts)

    @property
    def why(self) -> str:
        """Why nothing was decided on it."""
        reasons = dict.fromkeys(v.origin or v.verdict for v in self.verdicts)
        if reasons:
            return ", ".join(reasons)
        alone = "; judged by what was printed beside it" if self.claim.judged_by else ""
        return f"no report here asks for it{alone}"

    def of(self, column: str) -> tuple[RegisterVerdict, ...]:
        """The verdicts beside one cohort."""
        return tuple(verdict for verdict in self.verdicts if verdict.column == column)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStudy:
    """A study and its figures, in the dictionary's order: a row a figure, a column a cohort."""

    study: Study
    rows: tuple[RegisterRow, ...]

    @property
    def tested(self) -> tuple[RegisterRow, ...]:
        """The figures on which something was decided."""
        return tuple(row for row in self.rows if row.is_tested)

    @property
    def untested(self) -> tuple[RegisterRow, ...]:
        """The figures on which nothing was."""
        return tuple(row for row in self.rows if not row.is_tested)

    @property
    def columns(self) -> tuple[str, ...]:
        """The cohorts on which a figure of it was decided: its own, publications alone, others."""
        decided = {v.column for row in self.rows for v in row.verdicts if v.is_decided}
        first = (self.study.name, ALONE)
        return (*filter(decided.__contains__, first), *sorted(decided.difference(first)))

    @property
    def tally(self) -> str:
        """How many figures there are, and how often each verdict was given, a cohort at a time."""
        given_to = {
            (place, v.column, v.verdict)  # once, however many reports say so
            for place, row in enumerate(self.rows)
            for v in row.verdicts
            if v.is_decided
        }
        counts = Counter(verdict for _, _, verdict in given_to)
        given = [f"{counts[str(kind)]} × {kind}" for kind in VerdictKind if counts[str(kind)]]
        noun = "figure" if len(self.rows) == 1 else "figures"
        return "; ".join([f"{len(self.rows)} {noun}", *given])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """What reports say of published figures: for each the entry and its verdicts."""

    verdicts: tuple[tuple[Entry, tuple[_Judged, ...]], ...]
    left_out: tuple[LeftOut, ...]


def judgements_in(entries: Sequence[Entry], out: Path) -> Judgements:
    """The verdicts that lie beside the reports in `out`; those that can't be read are named."""
    verdicts, left_out = [], []
    for entry in entries:
        path = out / entry.folder / CLAIMS
        if entry.failed or not os.path.lexists(path):  # it may have been taken away
            continue
        read = read_shape(path, _Claims)
        if isinstance(read, _Claims) and any(c.verdict not in _KNOWN for c in read.claims):
            read = "it holds a verdict that is not known here"
        if isinstance(read, str):
            left_out.append(LeftOut(f"{entry.folder}/{CLAIMS}", read))
        else:
            verdicts.append((entry, tuple(read.claims)))
    return Judgements(verdicts=tuple(verdicts), left_out=tuple(left_out))


_KNOWN = frozenset(str(kind) for kind in VerdictKind)


def claims_register(judgements: Judgements) -> tuple[RegisterStudy, ...]:
    """Every study of the dictionary, its figures, and the verdicts of the reports.

    Those of which most was decided stand first, and those without a figure last.
    """
    listed = (_study(study(name), judgements) for name in studies())
    return tuple(
        sorted(
            listed,
            key=lambda register_study: (-len(register_study.tested), not register_study.rows),
        )
    )


def verdicts_of(judgements: Judgements, name: str) -> dict[Figure, str]:
    """What the reports found of each figure of a study, with the report's cohort."""
    return {
        figure: ", ".join(
            f"{v.verdict} ({'; '.join(filter(None, (v.cohort, v.origin, *v.changed)))})"
            for v in verdicts
        )
        for figure, verdicts in _verdicts(name, judgements).items()
    }


def _study(published: Study, judgements: Judgements) -> RegisterStudy:
    verdicts = _verdicts(published.name, judgements)
    rows = tuple(
        RegisterRow(claim=claim, verdicts=tuple(verdicts.get((claim.key, claim.field), ())))
        for claim in published.claims
    )
    return RegisterStudy(study=published, rows=rows)


def _verdicts(name: str, judgements: Judgements) -> dict[Figure, list[RegisterVerdict]]:
    """Each figure's verdicts; what publications alone decide has that one and no other."""
    alone = {(v.claim_key, v.field): [_alone(v)] for v in judge_alone(study(name))}
    by_figure: dict[Figure, list[RegisterVerdict]] = {}
    for entry, claims in judgements.verdicts:
        for claim in claims:
            if claim.study == name:
                verdicts = by_figure.setdefault((claim.key, claim.field), [])
                verdicts.append(_verdict(entry, claim))
    return by_figure | alone


def _alone(verdict: Verdict) -> RegisterVerdict:
    icon, tone = TONES[verdict.verdict]
    is_impossible = verdict.verdict is VerdictKind.IMPOSSIBLE
    return RegisterVerdict(
        cohort="" if verdict.origin is VerdictOrigin.QUOTED else ALONE,
        folder="",
        changed=(),
        verdict=str(verdict.verdict),
        origin="" if is_impossible else short_origin(str(verdict.origin)),
        icon=icon,
        tone=tone,
    )


def _verdict(entry: Entry, judged: _Judged) -> RegisterVerdict:
    icon, tone = TONES[VerdictKind(judged.verdict)]
    return RegisterVerdict(
        cohort=entry.cohort,
        folder=entry.folder,
        changed=entry.changed,
        verdict=judged.verdict,
        origin=short_origin(judged.origin),
        icon=icon,
        tone=tone,
    )
