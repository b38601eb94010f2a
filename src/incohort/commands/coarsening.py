"""A report made again without the numbers that can't leave beside the earlier releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from incohort.commands.reporting import Request, make_reports
from incohort.errors import UsageError
from incohort.releases.candidates import Candidate, candidates_in
from incohort.releases.ledger import Released
from incohort.releases.releasing import Judged, judge_one
from incohort.reports.custody import Custody
from incohort.reports.identity import BUNDLED
from incohort.reports.jobs import Outcome, Settings

_MOST_TIMES = 8  # each withholds more, until nothing is left that tells


def coarsened(
    candidates: Sequence[Candidate],
    cohort: str,
    custody: Custody,
    released: Sequence[Released],
    place: Path,
) -> tuple[Judged, ...]:
    """Each report as it may leave: as it is, or made again with less in it.

    Args:
        candidates: The reports that are to be released.
        cohort: Where their cohort lies, as it was typed.
        custody: Its ledger.
        released: What left before.
        place: An empty folder for what is made.

    Raises:
        UsageError: One can't be made again.
        OSError: The ledger can't be read or written.
    """
    releases, safe = list(released), list[Judged]()
    for number, candidate in enumerate(candidates):
        judged = judge_one(candidate, custody, releases)
        if judged.refusals:
            judged = _with_less(judged, cohort, custody, releases, place / str(number))
        safe.append(judged)
        releases.append(judged.told_as(0))
    return tuple(safe)


def _with_less(
    judged: Judged, cohort: str, custody: Custody, releases: Sequence[Released], place: Path
) -> Judged:
    first, withheld = judged.candidate, frozenset[str]()
    for number in range(_MOST_TIMES):
        withheld |= {refusal.conflict.key for refusal in judged.refusals}
        again = _made_again(first, cohort, custody, withheld, place / str(number))
        judged = judge_one(replace(again, name=first.name), custody, releases)
        if not judged.refusals:
            return judged
    raise UsageError(
        f"{first.name!r} still tells of a few patients with {len(withheld)} numbers less. Leave it "
        "out, or wait until more patients have come."
    )


def _made_again(
    candidate: Candidate, cohort: str, custody: Custody, withheld: frozenset[str], out: Path
) -> Candidate:
    identity = candidate.known.identity
    if identity.notebook_place != BUNDLED:
        raise UsageError(
            f"{candidate.name!r} is of a notebook of your own, which is not made again here. Leave "
            "out there what is refused, run it, and release that."
        )
    request = Request(
        notebook=identity.notebook,
        cohort=cohort,
        assignments=tuple(f"{name}={value}" for name, value in identity.changed),
    )
    settings = Settings(
        out=out, jobs=1, profile=candidate.profile, ledger=custody.folder, withheld=withheld
    )
    (outcome,) = make_reports([request], settings, _say_nothing)
    if outcome.failure is not None or outcome.no_release:
        raise UsageError(f"{candidate.name!r} can't be made again: {_why(outcome)}.")
    (again,) = candidates_in(out)
    if again.known.identity != identity:
        raise UsageError(f"{candidate.name!r} is of another cohort than the one that was named.")
    return again


def _say_nothing(outcome: Outcome) -> None:
    del outcome


def _why(outcome: Outcome) -> str:
    return outcome.no_release or "the notebook failed; run it to see where"
