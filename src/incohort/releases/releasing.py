"""One release: reports that may leave, judged against all that left before, and put aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incohort.disclosure.across import Conflict, conflicts
from incohort.errors import UsageError
from incohort.releases.candidates import Candidate
from incohort.releases.checking import checking_files
from incohort.releases.ledger import Released, next_number, record, released_by
from incohort.reports.custody import Custody
from incohort.reports.evidence import Evidence
from incohort.reports.manifest import known_in, written_by_a_run
from incohort.reports.place import aside, cannot_write, put_in_place

_CHECKING = Path("evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A number of a report that can't leave beside what left before."""

    report: str
    conflict: Conflict
    label: str
    where: str
    before: Released | None

    @property
    def reason(self) -> str:
        """Why, in words, without a number of patients but the limit."""
        few = f"{self.conflict.limit} patients or fewer"
        match self.conflict.rule:
            case "nearly":
                same = self.conflict.other_key == self.conflict.key
                number = "the same number" if same else self.conflict.other_key
                return f"its patients are, but for {few}, those of {number} in {self._there}"
            case "stricter":
                return f"it is of {few}, whom a stricter profile withheld before"
            case "values":
                return f"with the same statistic in earlier releases it tells of {few}"
            case "large":
                return "there are too many sets to be judged beside the earlier releases"
            case _:
                return f"with what was released before it bounds a count of {few}"

    @property
    def _there(self) -> str:
        if self.before is None:
            return "an earlier release"
        number = self.before.release
        return f"release {number}, {self.before.report}" if number else self.before.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A report with its evidence, and what speaks against its release."""

    candidate: Candidate
    evidence: Evidence
    mark: str
    refusals: tuple[Refusal, ...] = ()

    def told_as(self, number: int) -> Released:
        """The report as a part of a release."""
        return Released(
            release=number, report=self.candidate.name, mark=self.mark,
            account=self.evidence.account,
        )  # fmt: skip


def judge(
    candidates: Sequence[Candidate], custody: Custody, released: Sequence[Released]
) -> tuple[Judged, ...]:
    """Each report beside the earlier releases, and the reports of this one that come before it.

    Raises:
        UsageError: Of one there is no evidence.
        OSError: The ledger can't be read or written.
    """
    releases = list(released)
    judged = []
    for candidate in candidates:
        report = judge_one(candidate, custody, releases)
        judged.append(report)
        releases.append(report.told_as(0))
    return tuple(judged)


def judge_one(candidate: Candidate, custody: Custody, released: Sequence[Released]) -> Judged:
    """One report beside what was released.

    Raises:
        UsageError: There is no evidence of it.
        OSError: The ledger can't be read or written.
    """
    evidence = custody.evidence_of(candidate.folder, candidate.files)
    if evidence is None:
        raise UsageError(
            f"The ledger has no evidence of {candidate.name!r} as it lies there: it was made by an "
            "older incohort, of a cohort in another place, or changed since. Run it again on the "
            "cohort whose ledger this is, and release that."
        )
    mark = custody.mark_of(candidate.folder, candidate.files)
    if any(entry.mark == mark for entry in released):
        return Judged(candidate=candidate, evidence=evidence, mark=mark)
    clashes = conflicts(evidence.account, [entry.account for entry in released])
    lines = {line.key: line for line in evidence.lines}
    refusals = []
    for conflict in clashes:
        line = lines.get(conflict.key)
        before = None if conflict.other is None else released[conflict.other]
        where = "" if line is None else f"{line.part}: {line.table}"
        refusals.append(
            Refusal(
                report=candidate.name, conflict=conflict, before=before, where=where,
                label="" if line is None else line.label,
            )
        )  # fmt: skip
    return Judged(candidate=candidate, evidence=evidence, mark=mark, refusals=tuple(refusals))


def release(judged: Sequence[Judged], custody: Custody, out: Path) -> int:
    """Put copies aside in `out`, the evidence beside the cohort, and write it down; its number.

    It is written down before anything is handed over: what was told counts, even where the copying
    fails then. What was released already gets no second entry.

    Raises:
        UsageError: A folder in `out` is somebody's own, or nothing can be written there.
        OSError: The ledger can't be written.
    """
    refuse_others(judged, out)
    released = released_by(custody)
    known = {entry.mark: entry.release for entry in released}
    number = next_number(released)
    new = [report for report in judged if report.mark not in known]
    with aside(out) as folder:
        try:
            copies = [report.candidate.copied_to(folder) for report in judged]
        except OSError as error:
            raise cannot_write(out, error) from error
        for report in new:
            _write_evidence(report, custody, number)
        if new:
            record(custody, number, [report.told_as(number) for report in new])
        try:
            for copy in copies:
                put_in_place(copy, out / copy.name, folder)
        except OSError as error:
            raise cannot_write(out, error) from error
    return number if new else max(known[report.mark] for report in judged)


def refuse_others(judged: Sequence[Judged], out: Path) -> None:
    """Refuse to put a copy where something else lies.

    Raises:
        UsageError: A folder of that name holds another report, or somebody's own files.
    """
    for report in judged:
        place, known = out / report.candidate.name, known_in(out / report.candidate.name)
        if place.resolve() == report.candidate.folder:
            raise UsageError(
                "A report can't be released into its own folder; choose another --out."
            )
        if not place.exists() and not place.is_symlink():
            continue
        is_ours = known is not None and known.identity == report.candidate.known.identity
        if not is_ours or {path.name for path in place.iterdir()} - written_by_a_run(place):
            raise UsageError(
                f"{place.name!r} in the folder {out.name!r} is not an earlier copy of this report, "
                "and would be lost. Move it away, or choose another --out."
            )


def _write_evidence(report: Judged, custody: Custody, number: int) -> None:
    texts = checking_files(
        report.evidence.lines, title=report.candidate.title, report=report.candidate.name,
        release=number, profile=report.evidence.account.profile,
    )  # fmt: skip
    for name, text in texts.items():
        custody.write_text(_CHECKING / f"{number:04d}" / report.candidate.name / name, text)
