"""Printed figures judged by themselves, on the terminal: the published ones, or a reader's own."""

from __future__ import annotations

from incohort.claims.by_itself import (
    all_judged,
    judged_in_file,
    published_judged,
)
from incohort.commands.terminal import print_table, say
from incohort.dictionary import studies, unknown_name
from incohort.dictionary.files import is_regular, typed_path
from incohort.reports.judged_view import JudgedRow, JudgedView, judged_view, judged_views, tally

_HEADS = ("Figure", "As printed", "Verdict", "Reason", "In words")
_SUFFIXES = {".yaml", ".yml"}


def judge_figures(name: str | None) -> None:
    """The exceptions among all published figures; every figure of one study, or of a file.

    Args:
        name: A study's name, or a YAML file with a reader's own figures.

    Raises:
        UsageError: There is no such study, none of its figures can be judged, or the file is not
            as docs/judging.md says.
    """
    if name is None:
        _print_published()
        return
    path = typed_path(name)
    if path.suffix.casefold() in _SUFFIXES or is_regular(path):
        (view,) = map(judged_view, judged_in_file(path))
        _print(view, view.rows)
        return
    known = {source.name: source for source in published_judged()}
    if name not in known and name in studies():
        say(f"{name}: nothing was printed beside its figures that they could be held against.")
        return
    if name not in known:
        raise unknown_name("published study", name, known)
    view = judged_view(known[name])
    _print(view, view.rows)


def _print_published() -> None:
    sources = published_judged()
    for view in judged_views(sources):
        if view.exceptions:
            _print(view, view.exceptions)
    n = sum(1 for source in sources if not source.exceptions)
    say(f"{tally(all_judged(sources))}. {n} of {len(sources)} studies have no exception.")


def _print(view: JudgedView, rows: tuple[JudgedRow, ...]) -> None:
    title = view.title if view.title == view.name else f"{view.name}: {view.title}"
    cells = [(r.label, r.as_printed, r.verdict, r.why, _explained(r)) for r in rows]
    print_table(title, _HEADS, cells, " ".join((f"{view.tally}.", *view.habits)))


def _explained(row: JudgedRow) -> str:
    return " ".join(filter(None, (row.explanation, row.behind)))
