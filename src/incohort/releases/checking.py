"""A file per table for whoever checks an output: counts before and after, and by which rule.

The columns are those that OpenSAFELY's output checkers ask for (the exact counts behind what is
shown) and SACRO's summary has (a status and a rule for each cell).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from incohort.disclosure.evidence import CHANGED, SHOWN, WITHHELD, Line
from incohort.disclosure.profiles import Profile

_HEADS = {
    "row": "row", "column": "column", "key": "key", "label": "label", "kind": "kind",
    "status": "status", "rule": "rule", "smallest": "smallest_set_before",
    "n_before": "n_before", "events_before": "events_before", "n_after": "n_after",
    "events_after": "events_after",
}  # fmt: skip
_UNFIT = re.compile(r"[^a-z0-9]+")
_LONGEST = 40
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ABOUT = """\
{title}
Report {report}, release {release}, disclosure profile {profile}.

FOR THE CUSTODIAN ONLY. These files hold the exact counts that the report withholds. They stay
beside the cohort and are never handed over.

{description}

Each CSV file is a table of the report, or what stands in its figures and sentences; a line is a
number. `status` is shown (as it is), changed (rounded, cut, or told in part) or withheld.
`rule` says why. `smallest_set_before` is how many patients the smallest set has that the number
tells of. `n` and `events` are how many stand behind it and how many of them have the event, before
the gate and as they are told.

{summary}
"""


def checking_files(
    lines: Sequence[Line], *, title: str, report: str, release: int, profile: Profile
) -> dict[str, str]:
    """The files' texts by their names."""
    tables: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        tables.setdefault((line.part, line.table), []).append(line)
    files, summary = {}, []
    for number, ((part, table), table_lines) in enumerate(tables.items(), 1):
        name = f"{number:02d}-{_slug(f'{part} {table}')}.csv"
        files[name] = _csv(table_lines)
        tally = _tally(table_lines)
        counts = ", ".join(f"{tally[status]} {status}" for status in (SHOWN, CHANGED, WITHHELD))
        summary.append(f"{name}\n  {part}: {table}\n  {counts}")
    about = _ABOUT.format(
        title=title, report=report, release=release, profile=profile.name,
        description=profile.description, summary="\n".join(summary),
    )  # fmt: skip
    return {"README.txt": about, **files}


def _csv(lines: Iterable[Line]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADS.values())
    writer.writerows([_safe(getattr(line, name)) for name in _HEADS] for line in lines)
    return text.getvalue()


def _safe(value: object) -> object:
    """A value as a spreadsheet takes it for text or number, and for no formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _tally(lines: Iterable[Line]) -> Mapping[str, int]:
    tally = dict.fromkeys((SHOWN, CHANGED, WITHHELD), 0)
    for line in lines:
        tally[line.status] += 1
    return tally


def _slug(text: str) -> str:
    return _UNFIT.sub("-", text.lower()).strip("-")[:_LONGEST].rstrip("-") or "table"
