"""A report put aside for handing over, or the reason why it may not leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incohort import sources
from incohort.commands.terminal import print_table, refuse, say
from incohort.dictionary.files import typed_path
from incohort.errors import ExitCode, UsageError, refuse_url
from incohort.releases.candidates import Candidate, candidates_in
from incohort.releases.ledger import Released, released_by
from incohort.releases.releasing import Judged, Refusal, judge, refuse_others, release
from incohort.reports.custody import Custody
from incohort.stopping import scratch

_FIRST = 12  # refused numbers that are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed: a report or a batch, where its ledger is, and where the copies go.

    `coarsens` says that what is refused is made again without the numbers that tell of a few.
    """

    report: str
    cohort: str = ""
    ledger: Path | None = None
    out: Path
    coarsens: bool = False


def release_reports(asked: Asked) -> int:
    """Put a report or a batch aside for handing over; the exit code.

    Raises:
        UsageError: It may not leave whatever was released before, or nothing can be written.
    """
    refuse_url(str(asked.out))
    candidates = candidates_in(typed_path(asked.report, "report"))
    for candidate in candidates:
        if candidate.is_public:
            say(f"{candidate.name}: the cohort is public, so it needs no release.")
    closed = [candidate for candidate in candidates if not candidate.is_public]
    if not closed:
        return ExitCode.DONE
    custody = _custody(asked, closed)
    try:
        with custody.held():
            released = released_by(custody)
            judged = judge(closed, custody, released)
            refuse_others(judged, asked.out)
            refusals = [refusal for report in judged for refusal in report.refusals]
            if not refusals:
                return _release(judged, custody, asked.out)
            if not asked.coarsens:
                return _refused(refusals)
            return _coarsen(closed, asked, custody, released)
    except OSError as error:
        raise _cannot_keep(custody, error) from error


def _coarsen(
    candidates: Sequence[Candidate], asked: Asked, custody: Custody, released: Sequence[Released]
) -> int:
    from incohort.commands.coarsening import coarsened  # noqa: PLC0415 — it brings the runner

    if not asked.cohort:
        raise UsageError("To make a report again, say where its cohort lies, with --cohort.")
    with scratch() as place:
        judged = coarsened(candidates, asked.cohort, custody, released, place / "reports")
        for before, report in zip(candidates, judged, strict=True):
            if report.candidate.folder != before.folder:
                say(f"{before.name}: made again with less in it; compare the two before it leaves.")
        return _release(judged, custody, asked.out)


def _release(judged: Sequence[Judged], custody: Custody, out: Path) -> int:
    number = release(judged, custody, out)
    for report in judged:
        say(f"✓ {report.candidate.name}")
    say(f"\nRelease {number} lies in {out}. Look at it, then hand it over.")
    say(
        f"The evidence for whoever checks it is in {custody.folder.name}/evidence/{number:04d}; "
        "it holds exact counts and stays there."
    )
    return ExitCode.DONE


def _custody(asked: Asked, candidates: Sequence[Candidate]) -> Custody:
    """The ledger of the cohort.

    Raises:
        UsageError: It is not told where that is, or the reports are of another cohort.
    """
    names = sorted({candidate.cohort for candidate in candidates})
    if len(names) > 1:
        raise UsageError(
            f"The reports are of {len(names)} restricted cohorts ({', '.join(names)}), and each "
            "has a ledger of its own. Release them one cohort at a time."
        )
    if asked.ledger is not None:
        refuse_url(str(asked.ledger))
        custody = Custody(asked.ledger)
    elif asked.cohort:
        custody = Custody.beside(sources.locate(asked.cohort).resolve())
    else:
        raise UsageError(
            f"Say where the cohort {names[0]!r} lies, with --cohort: no report tells it, and its "
            "ledger of releases is beside it."
        )
    if not custody.is_there:
        raise UsageError(
            f"There is no ledger {custody.folder.name!r} there: the report was made by an older "
            "incohort, or of a cohort in another place. Run it again, and release that."
        )
    return custody


def _refused(refusals: Sequence[Refusal]) -> int:
    rows = [(r.report, r.where, r.label, r.reason) for r in refusals[:_FIRST]]
    more = len(refusals) - len(rows)
    print_table(
        "What can't leave beside the earlier releases",
        ("Report", "Where", "Number", "Why"),
        rows,
        f"And {more:,} more." if more > 0 else "",
    )
    first, n = refusals[0], len(refusals)
    return refuse(
        f"Not released: {n} number{'' if n == 1 else 's'} would tell of a few patients. "
        f"{first.conflict.key} of {first.report!r}: {first.reason}. Nothing was written; "
        "--coarsen makes the report again without what tells of them.",
        ExitCode.NOT_RELEASED,
    )


def _cannot_keep(custody: Custody, error: OSError) -> UsageError:
    reason = error.strerror or type(error).__name__
    return UsageError(
        f"The ledger {custody.folder.name!r} can't be read or written: {reason}. Nothing was "
        "released."
    )
