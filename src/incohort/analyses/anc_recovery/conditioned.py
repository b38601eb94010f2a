"""What conditioning on the criteria of drug-induced neutropenia does, side by side."""

from __future__ import annotations

from incohort.analyses.anc_recovery.question import Question
from incohort.results import Findings, Layout, Row, Sentence, clauses
from incohort.shapes.clock import TimesDraft
from incohort.shapes.episodes import ended
from incohort.shapes.tabular import cells, row, table

_SIDES = (
    ("everybody", "All episodes", None),
    ("met", "Those that meet the criteria", True),
    ("failed", "Those that don't, or it is not known", False),
)
_CAUTION = (
    "Recovery within a month is one of the criteria. To choose patients by it is to condition on "
    "the future: nobody in the chosen group dies early or stays neutropenic, by definition. That "
    "they recover sooner says nothing of the drug."
)


def conditioned(question: Question) -> Findings:
    """Median, restricted mean and deaths in all episodes and in those that meet the criteria."""
    draft = question.telling("medications.started_on", "patients.aetiology")
    draft.absent = question.absent_with("medications")
    rows = [_side(question, draft, *side) for side in _SIDES]
    level, key = draft.scope.level, draft.scope.key
    said = clauses(
        *(f"{label[0].lower()}{label[1:]} {{{key(f'criteria_effect/{name}/median')}:estimate_ci}}"
          for name, label, _ in _SIDES[:2])
    )  # fmt: skip
    layout = Layout(
        sentences=(
            Sentence(
                "Had only those been taken who meet the criteria of drug-induced neutropenia, the "
                f"mean of the first {question.design.horizon_days} days without recovery"
                f"{question.if_nobody_died} would be "
                f"{{{key('criteria_effect/met/rmst')}:estimate}} days instead of "
                f"{{{key('criteria_effect/everybody/rmst')}:estimate}}: the criteria "
                "ask for an onset near the drug and for recovery.",
                holds=question.is_told,
            ),
        ),
        tables=(
            table(
                draft.scope, "criteria_effect", "What asking for the criteria does", "Episodes",
                ("Analysed", "Died", f"Median days ({level} CI)",
                 f"Restricted mean, days ({level} CI)"),
                rows,
                "All stand here, whichever criteria were chosen for the rest of the report. "
                "Medians and means are those that would be if nobody had died.",
            ),
        ),
        figures=draft.curves_drawn(
            "criteria_effect",
            "All episodes, and those that meet the criteria of drug-induced neutropenia",
            f"Days by which half have recovered: {said}. Who does not recover within a month can't "
            "meet the criteria.",
            [key(f"criteria_effect/{name}/curve") for name, _, _ in _SIDES[:2]],
        ),
        cautions=(_CAUTION,),
    )  # fmt: skip
    title = "What do the criteria of drug-induced neutropenia do?"
    return draft.findings("criteria_effect", title, layout)


def _side(question: Question, draft: TimesDraft, name: str, label: str, meets: bool | None) -> Row:
    """What is said of the episodes on one side of the criteria, whichever were chosen."""
    members, head = question.sets.analysed_of(meets=meets), f"criteria_effect/{name}"
    keys = (
        draft.count_in(f"{head}/n/count", f"{label}: analysed", members),
        draft.count_in(
            f"{head}/died/count", f"{label}: died before recovery", ended(members, "died"), members
        ),
        draft.median_in(f"{head}/median", f"{label}: median days", members),
        draft.mean_in(
            f"{head}/rmst", f"{label}: restricted mean days", members, question.design.horizon_days
        ),
    )
    draft.curve_in(f"{head}/curve", label, draft.survival(members), members)
    return row(label, *cells(("count", "count", "estimate_ci", "estimate_ci"), keys))
