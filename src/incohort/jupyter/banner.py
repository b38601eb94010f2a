"""What somebody at JupyterLab must know of a cohort before its first number: as a report begins."""

from __future__ import annotations

import sys
from html import escape
from typing import Any

from incohort.disclosure import PROFILES, gate_card, profile_for
from incohort.reports.handover import Handover
from incohort.reports.looks import looks_told
from incohort.reports.origins import ORIGINS
from incohort.results import CohortCard

_STYLE = (
    "border-left: 4px solid #a15c00; padding: .5em .9em; margin: .3em 0; max-width: 46em; "
    "line-height: 1.45; background: var(--jp-layout-color2, #f4f1ea); "
    "color: var(--jp-ui-font-color1, #1c1b1a)"
)
_OWN_COPY = (
    "For your own copy with everything: `incohort run NOTEBOOK --cohort FOLDER --internal`. It is "
    "marked on each page and stays within the study team."
)
_NOT_CHECKED = (
    "Only results of an analysis are checked. Rows, tables and plots of your own are not: a "
    "notebook that shows them is not to leave the study team. A report made by `incohort run` "
    "leaves them out."
)
_MOST_NOTICES = 2
_SEEN: set[str] = set()


def announce(card: CohortCard, handover: Handover) -> None:
    """Show the banner once for each cohort, where a person sits at the notebook.

    In a run the report's first screen says it.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    is_run = bool(handover.name)
    if is_run or card.name in _SEEN or not hasattr(shell, "kernel"):
        return
    from IPython.display import display  # noqa: PLC0415 — only where IPython runs already

    _SEEN.add(card.name)
    display(banner(card, handover), raw=True)


def banner(card: CohortCard, handover: Handover) -> dict[str, str]:
    """The banner for the reader of a page, and as plain text."""
    profile = profile_for(
        card.is_public,
        handover.requested_profile(is_public=card.is_public),
        internal=handover.is_internal,
    )
    heading, *lines = [*_lines(card, handover), *_data_lines(gate_card(card, profile))]
    paragraphs = "".join(f"<p style='margin:.3em 0'>{_coded(line)}</p>" for line in lines)
    html = f'<div role="note" style="{_STYLE}"><strong>{_coded(heading)}</strong>{paragraphs}</div>'
    return {"text/html": html, "text/plain": "\n".join([heading, *lines]).replace("`", "")}


def _data_lines(card: CohortCard) -> list[str]:
    """What is invented, and what is worth a look: as on a report's first screen."""
    looks = looks_told(card, shows_rows=False)
    if looks is None or not looks.n:
        return list(card.notices[:_MOST_NOTICES])
    seen = " ".join(f"{look.sentence} ({look.count})" for look in looks.first)
    more = f" {looks.n_more} more." if looks.n_more else ""
    return [*card.notices[:_MOST_NOTICES], f"Worth a look in the data: {looks.n}. {seen}{more}"]


def _lines(card: CohortCard, handover: Handover) -> list[str]:
    if card.is_public:
        return [f"{card.title}. {ORIGINS[card.origin]}."]
    if handover.is_internal and not handover.profile:
        return [
            f"Restricted cohort {card.name}, internal session: nothing is withheld.",
            "What is shown here, and this notebook with it, is not to leave the study team.",
        ]
    profile = PROFILES[handover.requested_profile(is_public=False)]
    rule = profile.description.partition(". ")[0].partition("; ")[0].rstrip(".")
    return [
        f"Restricted cohort {card.name}: results pass the disclosure profile {profile.name}.",
        f"{rule}. A number that is withheld says so in its place.",
        _OWN_COPY,
        _NOT_CHECKED,
    ]


def _coded(text: str) -> str:
    """Escaped text, in which what stands between back-ticks is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
