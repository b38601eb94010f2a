"""Published figures on the terminal, with the verdicts that reports came to."""

from __future__ import annotations

from pathlib import Path

from incohort.claims.by_itself import published_judged
from incohort.commands.telling import tell_left_out
from incohort.commands.terminal import print_table
from incohort.dictionary import studies, study
from incohort.dictionary.publications import Study
from incohort.reports.entries import entries_in
from incohort.reports.register import judgements_in, verdicts_of


def list_claims(name: str | None, reports: Path) -> None:
    """The studies, or the figures that one of them printed.

    Args:
        name: A study's name.
        reports: The folder whose reports are asked for their verdicts.

    Raises:
        UsageError: There is no such study.
    """
    if name is None:
        rows = [(each, study(each).citation) for each in studies()]
        print_table("Studies", ("Study", "Citation"), rows)
        return
    printed = study(name)
    if not printed.claims:
        text = "No analysis here computes a figure of it."
        print_table(printed.citation, ("Printed",), [(note,) for note in printed.notes], text)
        return
    _list_figures(name, printed, reports)


def _list_figures(name: str, printed: Study, reports: Path) -> None:
    entries, left_out = entries_in(reports)
    judgements = judgements_in(entries, reports)
    tell_left_out((*left_out, *judgements.left_out))
    verdicts, alone = verdicts_of(judgements, name), _by_itself(name)
    figures = [
        (
            c.label,
            c.as_printed,
            str(c.certainty),
            verdicts.get((c.key, c.field)) or alone.get((c.label, c.as_printed), "no report yet"),
        )
        for c in printed.claims
    ]
    heads = ("Figure", "As printed", "Certainty", "Verdict")
    print_table(printed.citation, heads, figures)


def _by_itself(name: str) -> dict[tuple[str, str], str]:
    """What stands beside a figure where no report asks for it: what was printed beside it says."""
    return {
        (
            figure.shown.figure.label,
            figure.shown.figure.as_printed,
        ): f"no report yet; alone: {figure.why}"
        for source in published_judged()
        if source.name == name
        for figure in source.figures
    }
