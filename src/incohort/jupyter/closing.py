"""The end of a study's notebook for whoever runs it: what its report would say there, too."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from incohort.reports.closing import closing_html
from incohort.reports.handover import Handover
from incohort.results import CohortCard, Findings

_LAST = "reporting"  # the part of a study that stands at its end


@dataclass(slots=True)
class _Shown:
    """What this kernel has shown of each study, the newest of each part, and of which cohort."""

    own_study: str | None = None
    parts: dict[str, tuple[Findings, str]] = field(default_factory=dict)


_SHOWN = _Shown()


def note_opened(card: CohortCard) -> None:
    """Note the cohort: what is shown of another before is no part of its notebook's end."""
    _SHOWN.own_study = card.study
    _SHOWN.parts.clear()


def end_of(findings: Findings, html: str, handover: Handover) -> str:
    """What stands below a part of a study: nothing but after its last one.

    In a run it is nothing, since the page says it.

    Args:
        findings: Shown now, after the gate.
        html: As they are shown.
        handover: What the runner said, if one runs.
    """
    if handover.name:
        return ""
    _SHOWN.parts[findings.name] = (findings, html)
    study, _, part = findings.name.partition("/")
    if part != _LAST:
        return ""
    shown = [
        (section, page)
        for name, (section, page) in _SHOWN.parts.items()
        if name.partition("/")[0] == study
    ]
    modules = {name.partition(".")[0] for name in list(sys.modules)}
    page = "".join(html for _, html in shown)
    end = closing_html([section for section, _ in shown], page, _SHOWN.own_study, modules)
    return f'<div class="findings closing">{end}</div>'
