"""The flow of patients: each step of a selection, who is left and who was left out."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.results import Findings, Layout, Row, Sentence
from incohort.shapes.population import Step
from incohort.shapes.tabular import BLANK, cell, figure, row, table, text
from incohort.shapes.telling import Draft

_SOURCES = {"counted": ("labs.ANC",)}


def flow(
    draft: Draft,
    steps: Sequence[Step],
    *,
    caption: str,
    alt: str,
    key_sentence: str = "",
    note: str = "",
    grading_sources: tuple[str, ...] = (),
) -> Findings:
    """The steps as a table and a figure; at each, included and left out make the one before.

    Args:
        draft: Takes the results.
        steps: From all rows on.
        caption: The table's.
        alt: What the figure says, with a place for the first number and one for the last.
        key_sentence: The same as a sentence of the study's answer.
        note: Source note of the table.
        grading_sources: The columns of the data that say who is neutropenic.
    """
    keys, left_out, rows = list[str](), list[str](), list[Row]()
    for step in steps:
        draft.sources = _SOURCES.get(step.name, draft.sources)
        if step.name == "neutropenic":
            draft.sources = grading_sources
        tail, cells = f"attrition/{step.name}", [BLANK, BLANK]
        keys.append(draft.count_in(f"{tail}/count", step.label, step.members))
        if step.before is not None:
            label = f"Left out: {step.reason}"
            key = draft.count_left(f"{tail}/excluded/count", label, step.members, step.before)
            left_out.append(key)
            cells = [cell("count", key), text(step.reason)]
        rows.append(row(step.label, cell("count", keys[-1]), *cells))
    heads = ("Left", "Left out", "Because")
    ends = (f"{{{keys[0]}:count}}", f"{{{keys[-1]}:count}}")
    said = alt.format(*ends)
    drawn = {"Included": keys, "Left out": left_out}
    sentence = Sentence(key_sentence.format(*ends), is_key=True)
    layout = Layout(
        sentences=(sentence,) if key_sentence else (),
        tables=(table(draft.scope, "attrition", caption, "Step", heads, rows, note),),
        figures=(figure(draft.scope, "attrition", "flow", f"Flow of {draft.noun}", said, drawn),),
    )
    return draft.findings("attrition", "Who is here", layout)
