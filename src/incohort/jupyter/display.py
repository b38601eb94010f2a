"""How IPython shows our objects: gated first, then as HTML for people and JSON for machines."""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import Any

from incohort.disclosure import Ledger, gate, profile_for
from incohort.jupyter.closing import end_of
from incohort.jupyter.given import watch
from incohort.jupyter.refusals import tell_in_one_line
from incohort.reports.evidence import Notes, take_notes
from incohort.reports.fragment import findings_html
from incohort.reports.handover import Handover, from_environment
from incohort.reports.libraries import take_note
from incohort.reports.seal import Seal, take_seal
from incohort.results import Findings
from incohort.results.serialise import MIME_TYPE, findings_to_json

# What this kernel has shown, by profile: a kernel runs one notebook, so linked tables meet here.
_LEDGERS: dict[str, Ledger] = {}


def register(shell: Any) -> None:
    """Let this IPython shell show `Findings` through the disclosure gate.

    In a run it takes the runner's seal, which happens once, before any cell, and notes after each
    cell what was imported.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    note = take_note()
    if note is not None:
        shell.events.register("post_run_cell", note)
    seal, notes = take_seal(), take_notes()
    if seal is not None or Findings not in formatter:
        formatter.for_type(Findings, partial(bundle, seal=seal, notes=notes))
        tell_in_one_line(shell)
        watch(shell)


def bundle(
    findings: Findings,
    include: object = None,
    exclude: object = None,
    *,
    seal: Seal | None = None,
    notes: Notes | None = None,
) -> dict[str, Any]:
    """One display bundle: what is shown and what is recorded are the same gated numbers.

    `include` and `exclude` are IPython's; both halves always go together. With a seal the bundle
    bears the mark by which the runner knows that it came through here. With notes it is noted what
    the gate did, for the custodian's side.
    """
    del include, exclude
    handover = from_environment()
    gated = gated_findings(findings, handover, notes)
    html = findings_html(gated)
    data = {
        "text/plain": f"{gated.title} ({len(gated.results)} results)",
        "text/html": f"<style>{style()}</style>\n{html}{end_of(gated, html, handover)}",
        MIME_TYPE: findings_to_json(gated),
    }
    return data if seal is None else seal.marked(data)


def gated_findings(findings: Findings, handover: Handover, notes: Notes | None = None) -> Findings:
    """The findings as they may be shown here, after what this kernel has shown before."""
    profile = profile_for(
        findings.is_public,
        handover.requested_profile(is_public=findings.is_public),
        internal=handover.is_internal,
    )
    ledger = _LEDGERS.setdefault(profile.name, Ledger(barred=handover.withheld))
    gated = gate(findings, profile, ledger)
    if notes is not None:
        notes.take(findings, gated, ledger, profile)
    return gated


@cache
def style() -> str:
    """The style of what is shown in a notebook."""
    return files("incohort.reports").joinpath("templates/findings.css").read_text("utf-8")
