"""What lies beside a report for machines: `results.json` and `claims.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from incohort.claims import Verdict, verdicts_to_json
from incohort.reports.entries import FORMAT
from incohort.reports.harvest import Harvest
from incohort.reports.page import Run
from incohort.results.serialise import result_to_json


def results_record(run: Run, harvested: Harvest, tallies: Sequence[str]) -> dict[str, Any]:
    """Every result of a report as the gate left it, and what a list of reports says about it."""
    values = run.values
    failure = harvested.failure
    card = asdict(run.card)
    looks = card.pop("looks")
    return {
        "format": FORMAT,
        "notebook": run.notebook.name,
        "notebook_sha256": run.notebook.sha256,
        "title": run.notebook.title,
        "cohort": card,
        "worth_a_look": looks,
        "parameters": {name: _plain(value) for name, value in values.items()},
        "changed": sorted(run.changed),
        "own_defaults": sorted(run.notebook.own_defaults),
        "profile": run.profile,
        "is_internal": run.is_internal,
        "failure": asdict(failure) if failure else None,
        "claims": list(tallies),
        "findings": [
            {"name": section.name, "title": section.title, "keys": list(section.by_key)}
            for section in harvested.findings
        ],
        "results": [result_to_json(result) for result in harvested.results.values()],
    }


def claims_record(verdicts: Mapping[str, tuple[Verdict, ...]]) -> dict[str, Any]:
    """The verdicts on each study's figures, in the dictionary's order."""
    return {
        "format": "incohort claims 1",
        "claims": [
            {"study": study, **verdict}
            for study, judged in verdicts.items()
            for verdict in verdicts_to_json(judged)
        ],
    }


def as_json(record: Mapping[str, Any]) -> str:
    """JSON text with one value a line, so that two runs can be compared by eye."""
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False, default=_plain) + "\n"


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value
