"""What a kernel's gate did, handed to the runner and by it to the custodian's side, no further.

A restricted run's kernel notes each number before and after the gate, by which rule, and the sets
behind them, in a file of the run's own scratch folder. The runner keeps it beside the cohort. It is
what `incohort release` goes by. Nothing of it is in a report.
"""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from incohort.disclosure import Ledger, Profile
from incohort.disclosure.account import Account, account_from_json, account_of
from incohort.disclosure.evidence import Line, lines_of
from incohort.results import Findings, Suppressed

FORMAT = "incohort evidence 1"
_NAME = "INCOHORT_EVIDENCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All numbers of a report before and after the gate, and the sets that it told of."""

    lines: tuple[Line, ...]
    account: Account

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        lines = [asdict(line) for line in self.lines]
        return {"format": FORMAT, "lines": lines, "account": self.account.as_json()}


@dataclass(slots=True)
class Notes:
    """What a kernel notes of its gate while it runs."""

    place: Path
    lines: list[Line] = field(default_factory=list)
    drawn: set[str] = field(default_factory=set)

    def take(self, before: Findings, after: Findings, ledger: Ledger, profile: Profile) -> None:
        """One cell's findings, as the analysis made them and as the gate left them."""
        if before is after or before.is_public or profile.is_open:
            return
        self.lines += lines_of(before, after, ledger, profile)
        self.drawn |= {r.key for r in after.results if not isinstance(r, Suppressed)}
        evidence = Evidence(
            lines=tuple(self.lines),
            account=account_of(ledger, profile, self.drawn & ledger.results.keys()),
        )
        self.place.write_text(json.dumps(evidence.as_json()), encoding="utf-8")


def environment(place: Path) -> dict[str, str]:
    """The environment variable that tells a kernel where to note."""
    return {_NAME: str(place)}


def take_notes(variables: MutableMapping[str, str] = os.environ) -> Notes | None:
    """The notes of this kernel, or None where no runner waits for them; asked once."""
    place = variables.pop(_NAME, "")
    return Notes(Path(place)) if place else None


def evidence_in(place: Path) -> Evidence | None:
    """What a kernel noted; None where it showed nothing of a restricted cohort."""
    try:
        return evidence_from_json(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def evidence_from_json(data: dict[str, Any]) -> Evidence:
    """The evidence again.

    Raises:
        KeyError: It is none.
        ValueError: Likewise.
        TypeError: Likewise.
    """
    if data["format"] != FORMAT:
        raise ValueError(data["format"])
    return Evidence(
        lines=tuple(Line(**line) for line in data["lines"]),
        account=account_from_json(data["account"]),
    )
