"""What was released of a cohort: the sets behind each number, by keyed digests of its patients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.disclosure.account import Account, account_from_json
from incohort.errors import UsageError
from incohort.reports.custody import Custody

FORMAT = "incohort release 1"
_FOLDER = Path("released")


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """One report of a release: the number of that, the folder's name, and what was told."""

    release: int
    report: str
    mark: str
    account: Account


def released_by(custody: Custody) -> tuple[Released, ...]:
    """All reports that were released, in the order of their releases.

    Raises:
        UsageError: A record of the ledger is damaged: then nothing can be compared with it.
        OSError: It can't be read.
    """
    reports: list[Released] = []
    for path in sorted((custody.folder / _FOLDER).glob("*.json.gz")):
        data = custody.read(_FOLDER / path.name)
        try:
            reports += _from_json(data, int(path.name.partition(".")[0]))
        except (KeyError, TypeError, ValueError):
            raise UsageError(
                f"The ledger's record {path.name!r} is damaged, so nothing can be compared with "
                "what was released. Restore it from a copy."
            ) from None
    return tuple(reports)


def next_number(released: Iterable[Released]) -> int:
    """The number of the next release."""
    return max((entry.release for entry in released), default=0) + 1


def record(custody: Custody, number: int, reports: Sequence[Released]) -> None:
    """Write down a release.

    Raises:
        OSError: It can't be written.
    """
    entries = [
        {"report": r.report, "mark": r.mark, "account": r.account.as_json()} for r in reports
    ]
    custody.write(_FOLDER / f"{number:04d}.json.gz", {"format": FORMAT, "reports": entries})


def _from_json(data: dict[str, Any] | None, number: int) -> list[Released]:
    if data is None or data["format"] != FORMAT:
        raise ValueError
    return [
        Released(
            release=number, report=str(item["report"]), mark=str(item["mark"]),
            account=account_from_json(item["account"]),
        )
        for item in data["reports"]
    ]  # fmt: skip
