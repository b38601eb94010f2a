"""How often a course of each drug was answered, of those that the clinic chose it for."""

from __future__ import annotations

from incohort.analyses.lgl.assigned import if_all_were_given
from incohort.analyses.lgl.question import DRUGS, Question
from incohort.results import Findings, Layout, Row, Sentence, Table
from incohort.shapes import recorded, tabular
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import cell, row
from incohort.shapes.telling import Draft
from incohort.stats import Interval, NoEstimate
from incohort.stats.clustered import clustered_share
from incohort.stats.contingency import fisher_exact
from incohort.stats.outcome import without_interval

RESPONSES = {"overall": "has_response", "complete": "has_complete_response"}
SOURCES = (
    "medications.drug", "medications.atc", "medications.started_on", "events.response",
    "events.drug", "events.occurred_on",
)  # fmt: skip
NOT_LINKED = "which courses were one patient's was not published"
_METHODS = (
    "Of the courses in which it is known. Wilson's interval with patients as clusters: several "
    "courses of one patient tell less than as many patients."
)
_UNLINKED = (
    "Of the courses in which it is known. Without knowing which courses were one patient's there "
    "is no interval, and the test takes courses for independent ones."
)
_CHOSEN = "A drug's rate here is that of the patients it was chosen for; the rates rank no drugs."


def responses(question: Question) -> Findings:
    """The share of courses with a response and with a complete one, by drug."""
    draft = Draft(scope=question.scope, sources=SOURCES, noun="courses")
    reason = question.untreated
    if reason:
        layout = Layout(sentences=recorded.instead(reason))
        return draft.findings("response", "Responses to treatment", layout)
    tables = [_of_courses(question, draft)]
    if question.is_linked:
        tables += [_of_first_courses(question, draft), if_all_were_given(question, draft)]
    test = tabular.table(
        question.scope, "response/test", "Do the shares differ between the drugs?", "Courses",
        ("Exact P",), [_test(question, draft)],
        "Freeman and Halton's exact test. The drugs were not drawn by lot: a difference may be "
        "that of the patients.",
    )  # fmt: skip
    layout = Layout(sentences=_said(question), tables=(*tables, test))
    return draft.findings("response", "Responses to treatment", layout)


def _of_courses(question: Question, draft: Draft) -> Table:
    """A row a drug: its courses, those of which it is not known, and the two shares."""
    rows = []
    for name in question.drugs:
        courses, label = question.courses.where("drug", name), DRUGS[name]
        keys = [
            draft.count_in(f"response/{name}/courses/count", f"{label}: courses", courses),
            draft.count_in(
                f"response/{name}/open/count", f"{label}: response not known",
                courses.unknown("has_response"), of=courses,
            ),
            *(_share(question, draft, name, kind) for kind in RESPONSES),
        ]  # fmt: skip
        kinds = ("count", "count", "fraction_percent_ci", "fraction_percent_ci")
        rows.append(row(label, *tabular.cells(kinds, keys)))
    ci = f"({draft.scope.level} CI)" if question.is_linked else ""
    months = f"{question.design.assess_months:g} months"
    return tabular.table(
        draft.scope, "response", f"Responses by drug, within {months} where dates tell", "Drug",
        ("Courses", "Not known", f"Response, % {ci}".rstrip(), f"Complete, % {ci}".rstrip()),
        rows, _METHODS if question.is_linked else _UNLINKED,
    )  # fmt: skip


def _share(question: Question, draft: Draft, drug: str, kind: str) -> str:
    """The share of a drug's courses with a response of a kind."""
    axis = RESPONSES[kind]
    courses = question.courses.where("drug", drug).known(axis)
    events = courses.where(axis, YES)
    words = {"overall": "response", "complete": "complete response"}[kind]
    answer = _interval(question, events, courses)
    label = f"{DRUGS[drug]}: {words}"
    return draft.share_as(f"response/{drug}/{kind}", label, answer, events, courses)


def _interval(question: Question, events: Members, courses: Members) -> Interval | NoEstimate:
    level, n = question.scope.conf_level, len(courses)
    if not n:
        return NoEstimate("of no course of this drug a response is known")
    if not question.is_linked:
        reason = f"no interval: {NOT_LINKED}"
        return without_interval(len(events) / n, level, "share of courses", reason)
    mask = courses.mask
    answer = clustered_share(
        events.mask[mask].to_numpy(), courses.frame["patient_id"].to_numpy(), conf_level=level
    )
    return answer if isinstance(answer, NoEstimate) else answer.share


def _of_first_courses(question: Question, draft: Draft) -> Table:
    """The same of each patient's first course alone."""
    rows = []
    for name in question.drugs:
        courses = question.courses.where("is_first", YES).where("drug", name)
        keys = [
            draft.share_in(
                f"response/first/{name}/{kind}", f"{DRUGS[name]} first: {kind} response",
                courses.where(axis, YES), courses.known(axis),
                nobody="of no first course of this drug a response is known",
            )
            for kind, axis in RESPONSES.items()
        ]  # fmt: skip
        rows.append(row(DRUGS[name], *tabular.cells(["fraction_percent_ci"] * 2, keys)))
    ci = f"({draft.scope.level} CI)"
    return tabular.table(
        draft.scope, "response/first", "Responses to each patient's first course", "Drug",
        (f"Response, % {ci}", f"Complete, % {ci}"), rows,
        "Whoever was given another of these drugs before is left out, and where dates and lines "
        "don't tell which came first.",
    )  # fmt: skip


def _test(question: Question, draft: Draft) -> Row:
    """Whether the shares with a response differ: of first courses, or of all where none is told."""
    whole = question.courses.known("has_response")
    label = "All courses"
    if question.is_linked:
        whole, label = whole.where("is_first", YES), "First courses"
    groups = [whole.where("drug", name) for name in question.drugs]
    cells = [g.where("has_response", word) for word in (YES, NO) for g in groups]
    counts, k = list(map(len, cells)), len(groups)
    answer = fisher_exact([counts[:k], counts[k:]]) if k > 1 else NoEstimate("there is one drug")
    key = draft.test_in(
        "response/p_value", f"Response by drug, {label.lower()}: exact P", answer, cells, of=whole
    )
    return row(label, cell("p_value", key))


def _said(question: Question) -> tuple[Sentence, ...]:
    key = question.scope.key
    rates = {DRUGS[name]: key(f"response/{name}/overall") for name in question.drugs}
    kind = "fraction_percent_ci" if question.is_linked else "fraction_percent"
    return (
        Sentence(
            f"Courses with a response: {tabular.phrases(rates, kind)}. {_CHOSEN}", is_key=True
        ),
    )
