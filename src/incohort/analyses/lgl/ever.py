"""How many patients ever responded: counted, or bounded where only courses are known."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from incohort.analyses.lgl.question import DRUGS, Question
from incohort.analyses.lgl.responses import NOT_LINKED, SOURCES
from incohort.results import Findings, Layout, Measure, Row, Sentence
from incohort.shapes import recorded, tabular
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import cell, row
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.margins import Crossed, Extent, Total, extent, total

_LEVELS = ("not given", "unknown", "none", "partial", "complete")
_Cell = tuple[Hashable, ...]
_ASKED: dict[str, tuple[str, Callable[[_Cell], bool]]] = {
    "single_course": ("Given one course", lambda cell: cell.count("not given") == len(cell) - 1),
    "ever_responded": ("Ever responded", lambda cell: bool({"partial", "complete"} & {*cell})),
    "ever_complete": ("Ever responded completely", lambda cell: "complete" in cell),
}
_ON_BOUNDS = (
    "The smallest and the largest number of patients with which the courses can be shared out, if "
    "these drugs are all and each patient was given each at most once. Any number between may be "
    "the true one."
)


def ever_responded(question: Question) -> Findings:
    """How many patients ever responded to a course, or between which numbers that lies."""
    draft = Draft(scope=question.scope, sources=SOURCES)
    if question.untreated:
        layout = Layout(sentences=recorded.instead(question.untreated))
    elif question.is_linked:
        layout = _counted(question, draft)
    else:
        layout = _bounded(question, draft)
    return draft.findings("ever_responded", "Patients who ever responded", layout)


def _counted(question: Question, draft: Draft) -> Layout:
    """Patients by whether any of their courses was answered."""
    base, frame = question.everybody.base, question.courses.base.frame
    known = frame[frame["has_response"].notna()]
    ever = known.groupby("patient_id")["has_response"].any()
    base.flag("ever_responded", base.frame["patient_id"].map(ever))
    assessed = question.everybody.known("ever_responded")
    key = draft.share_in(
        "ever_responded/proportion", "Ever responded to a course",
        assessed.where("ever_responded", YES), assessed,
        nobody="of nobody described a response is known",
    )  # fmt: skip
    said = (
        f"Of the patients of whom a response is known, {{{key}:fraction_percent_ci}} ever had one."
    )
    return Layout(sentences=(Sentence(said, is_key=True),))


def _bounded(question: Question, draft: Draft) -> Layout:
    """The patients behind courses of which nobody knows which were one patient's."""
    n = question.cohort.card.n_patients or 0
    refused = draft.none_in(
        "ever_responded/proportion", "Ever responded to a course", NOT_LINKED, question.courses
    )
    extents, rows = _extents(question, n), [row("Patients", tabular.text(f"{n}"), tabular.BLANK)]
    for name, (label, _) in _ASKED.items():
        rows.append(_row(question, draft, name, label, extents[name]))
    rows.append(row("Ever responded, counted", cell("fraction_percent_ci", refused), tabular.BLANK))
    table = tabular.table(
        question.scope, "ever_responded", f"Patients behind the courses, of {n}", "Patients",
        ("At least, %", "At most, %"), rows, _ON_BOUNDS,
    )  # fmt: skip
    low, high = (question.scope.key(f"ever_responded/{end}") for end in ("lowest", "highest"))
    said = (
        f"Response per course is not response per patient: of {n} patients between "
        f"{{{low}:percent_ci}} and {{{high}:percent_ci}} ever responded."
    )
    return Layout(sentences=(Sentence(said, is_key=True),), tables=(table,))


def _row(
    question: Question, draft: Draft, name: str, label: str, answer: Extent[_Cell] | NoEstimate
) -> Row:
    """The smallest and the largest share of the patients."""
    n, cells = question.cohort.card.n_patients or 1, _sets(question)
    keys = [
        draft.statistic_in(
            f"{name}/{end}", f"{label}: {word} share of the patients", Measure.PROPORTION,
            answer if isinstance(answer, NoEstimate) else _of(answer, part) / n, cells,
            of=question.courses, method="integer program on the counts of courses",
        )
        for end, word, part in (("lowest", "smallest", "least"), ("highest", "largest", "most"))
    ]  # fmt: skip
    return row(label, *tabular.cells(("percent_ci", "percent_ci"), keys))


def _of(answer: Extent[_Cell], part: str) -> int:
    number = getattr(answer, part)
    return 0 if number is None else int(number)


def _sets(question: Question) -> list[Members]:
    """The courses of each drug, by what was seen of them."""
    return [cell for name in question.drugs for cell in _of_drug(question, name).values()]


def _of_drug(question: Question, name: str) -> dict[str, Members]:
    courses = question.courses.where("drug", name)
    answered = courses.where("has_response", YES)
    return {
        "unknown": courses.unknown("has_response"),
        "none": courses.where("has_response", NO),
        "partial": answered.where("has_complete_response", NO),
        "complete": answered.where("has_complete_response", YES),
    }


def _extents(question: Question, n: int) -> dict[str, Extent[_Cell] | NoEstimate]:
    """How few and how many patients each can be true of."""
    if question.population.restricted_by:
        reason = "how many patients are behind a part of the courses is not known"
        return dict.fromkeys(_ASKED, NoEstimate(reason))
    table = Crossed({DRUGS[name]: _LEVELS for name in question.drugs})
    known: list[Total[_Cell]] = [table.total(n)]
    nothing: dict[str, Hashable] = dict.fromkeys(table.levels, "not given")
    known.append(total(table.where(**nothing), 0))
    for name in question.drugs:
        counts: dict[Hashable, int] = {
            level: len(cell) for level, cell in _of_drug(question, name).items()
        }
        counts["not given"] = n - sum(counts.values())
        if counts["not given"] < 0:
            reason = "a drug was given more often than there are patients"
            return dict.fromkeys(_ASKED, NoEstimate(reason))
        known += [
            total(table.where(**{DRUGS[name]: level}), count) for level, count in counts.items()
        ]
    return {
        name: extent([cell for cell in table.cells if is_so(cell)], known)
        for name, (_, is_so) in _ASKED.items()
    }
