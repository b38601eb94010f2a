"""How often the count is low in each disease, by each limit that the sources take."""

from __future__ import annotations

from collections.abc import Mapping

from incohort.analyses.autoimmune.parameters import DISEASES
from incohort.analyses.autoimmune.question import LIMITS, USUAL_LIMIT, Question
from incohort.results import Findings, Layout, Row, Sentence, clauses
from incohort.shapes import tabular
from incohort.shapes.recorded import instead
from incohort.shapes.telling import Draft

_TITLE = "How often is the count low?"
_LEAST = 10  # patients of a disease: of fewer no sentence is made
_NOTES = (
    (
        "Known to be below the limit, of those with a count. Open: a count given with < or > may "
        "lie on either side, so that the share could be higher by so many."
    ),
    (
        "Limits: 2.5 Brito-Zerón 2009; 2.0 Fragoulis 2018, Barnes 1971, Rajakulendran 2006; 1.8 "
        "the lecture; 1.5 Saleh 2024, Chung 2017, Owlia 2014; 1.0 and 0.5 are grades 3 and 4."
    ),
)
_Keys = Mapping[float, str]  # of the share below each limit


def frequency(question: Question) -> Findings:
    """How many patients of each disease have a count below each limit."""
    draft = question.telling()
    draft.sources, counts = ("patients.patient_id",), draft.sources
    everybody = draft.count_in("frequency/total/count", "Patients described", question.described)
    draft.sources = counts
    rows = [tabular.row("All described", tabular.cell("count", everybody), *[tabular.BLANK] * 3)]
    sentences = []
    for name in question.design.asked_diseases:
        members, label = question.with_disease(name), DISEASES[name]
        total = draft.count_in(
            f"frequency/{name}/patients/count", f"{label}: patients", members,
            of=question.described, absent=question.uncounted,
        )  # fmt: skip
        keys = {limit: _share(question, draft, name, limit) for limit in question.limits}
        left = _left(question, draft, name)
        head = tabular.cell("count", total)
        if question.lists_all or len(members):
            rows.append(tabular.row(label, head, *[tabular.BLANK] * 3))
            rows += [_row(limit, keys[limit], left.get(limit)) for limit in question.limits]
            sentences.append(_said(question, name, keys, left))
        else:
            rows.append(tabular.row(label, head, tabular.text("none here"), *[tabular.BLANK] * 2))
    if question.uncounted:
        return draft.findings("frequency", _TITLE, Layout(sentences=instead(question.uncounted)))
    heads = ("Patients", "Below / with a count", f"% ({question.scope.level} CI)", "Open")
    table = tabular.table(
        question.scope, "limits", f"Count below each limit {_when(question)}, by disease",
        "Disease, and limit in 10⁹/L", heads, rows, *_NOTES,
    )  # fmt: skip
    layout = Layout(sentences=(*_together(question), *sentences), tables=(table,))
    return draft.findings("frequency", _TITLE, layout)


def _told_of(question: Question) -> list[str]:
    """The diseases of which a sentence is made; of a restricted cohort all."""
    return [
        name
        for name in question.design.asked_diseases
        if question.lists_all or len(question.counted(question.with_disease(name))) >= _LEAST
    ]


def _together(question: Question) -> tuple[Sentence, ...]:
    """Several diseases in one sentence of the answer; nothing where there is one."""
    names, tail = _told_of(question), limit_name(question.limit)
    if len(names) < 2:
        return ()
    keys = {name: question.scope.key(f"frequency/{name}/{tail}") for name in names}
    listed = clauses(
        *(f"{_inside(DISEASES[n])} {{{key}:fraction_percent_ci}}" for n, key in keys.items())
    )
    said = f"Known to have been below {question.limit:g} × 10⁹/L {_when(question)}: {listed}."
    return (Sentence(said, is_key=True),)


def _row(limit: float, share: str, left: str | None) -> Row:
    """A limit's row, with how many counts leave it open, where some leave any."""
    cells = (tabular.cell("fraction_percent", share), tabular.cell("percent_ci", share))
    more = tabular.BLANK if left is None else tabular.cell("count", left)
    return tabular.row(f"below {limit:g}", tabular.BLANK, *cells, more, level=1)


def _share(question: Question, draft: Draft, name: str, limit: float) -> str:
    members = question.with_disease(name)
    return draft.share_in(
        f"frequency/{name}/{limit_name(limit)}",
        f"{DISEASES[name]}: count known to be below {limit:g}",
        question.below(members, limit),
        question.counted(members),
        nobody="nobody with it here has a count",
        absent=question.uncounted,
    )


def _left(question: Question, draft: Draft, name: str) -> dict[float, str]:
    """How many counts leave each limit open, where some leave one."""
    members = question.with_disease(name)
    sets = {limit: question.open_at(members, limit) for limit in question.limits}
    if question.uncounted or not (question.lists_all or any(map(len, sets.values()))):
        return {}
    return {
        limit: draft.count_in(
            f"frequency/{name}/{limit_name(limit)}/open/count",
            f"{DISEASES[name]}: count that may lie on either side of {limit:g}", left, of=members,
        )
        for limit, left in sets.items()
    }  # fmt: skip


def limit_name(limit: float) -> str:
    """A limit in a key: `2.0`, `1.75`."""
    return f"{limit:.1f}" if f"{limit:g}" == f"{limit:.0f}" else f"{limit:g}"


def _said(question: Question, name: str, keys: _Keys, left: _Keys) -> Sentence:
    """How many at the limit asked, and how that moves with it."""
    limit, members = question.limit, question.with_disease(name)
    others = (other for other in LIMITS if other >= USUAL_LIMIT and other != limit)
    listed = clauses(
        *(
            f"{{{keys[at]}:percent_ci}} below {at:g}{_more(question, name, left, at)}"
            for at in others
        )
    )
    source = ", the limit of the study" if question.is_study_limit else ""
    more = _more(question, name, left, limit)
    return Sentence(
        f"Of the patients with {_inside(DISEASES[name])} and a count, "
        f"{{{keys[limit]}:fraction_percent_ci}} are known to have been below {limit:g} × 10⁹/L"
        f"{source}, {_when(question)}{more}. By other limits: {listed}.",
        holds=len(question.counted(members)) >= _LEAST,
        is_key=len(_told_of(question)) < 2,
    )


def _more(question: Question, name: str, left: _Keys, limit: float) -> str:
    """In how many more a count leaves it open, if it is so in any."""
    n = len(question.open_at(question.with_disease(name), limit))
    is_said = left and (question.lists_all or n)
    return f" (open in {{{left[limit]}:count}} more)" if is_said else ""


def _inside(label: str) -> str:
    """A disease inside a sentence: a name keeps its capital."""
    names = ("Sjögren", "Graves")
    return label if label.startswith(names) else label[:1].lower() + label[1:]


def _when(question: Question) -> str:
    return {"ever": "at any time", "index": "nearest the index date"}[question.design.when]
