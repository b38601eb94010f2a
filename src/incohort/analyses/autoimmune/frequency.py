"""How often the count is low in each disease, by each limit that the sources take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        "lie on either side, so that the share could be higher by so many; an interval of what is "
        "known would not hold it."
    ),
    (
        "Limits: 2.5 Brito-Zerón 2009; 2.0 Fragoulis 2018, Barnes 1971, Rajakulendran 2006; 1.8 "
        "the lecture; 1.5 Saleh 2024, Chung 2017, Owlia 2014; 1.0 and 0.5 are grades 3 and 4."
    ),
)
_OF_LOW_COUNTS = (
    f"Everybody here with a count had one below {max(LIMITS):g} × 10⁹/L, as where patients are "
    "chosen for a low count: these shares are no frequency."
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Of a disease's patients with a count the keys of how many are below each limit.

    `known` are surely below, `open` may be on either side, `most` are both; these two only where
    some are open, or where the cohort is restricted, of which `most` is not told.
    """

    known: Mapping[float, str]
    open: Mapping[float, str]
    most: Mapping[float, str]

    def said(self, limit: float, kind: str) -> str:
        """The share below a limit as part of a sentence: where some are open, between what."""
        if limit not in self.most:
            return f"{{{self.known[limit]}:{kind}_ci}}"
        plain = "estimate" if kind == "percent" else kind
        return f"between {{{self.known[limit]}:{plain}}} and {{{self.most[limit]}:{plain}}}"


def frequency(question: Question) -> Findings:
    """How many patients of each disease have a count below each limit."""
    draft = question.telling()
    draft.sources, counts = ("patients.patient_id",), draft.sources
    everybody = draft.count_in("frequency/total/count", "Patients described", question.described)
    draft.sources = counts
    blanks = [tabular.BLANK] * (3 if question.lists_all else 4)
    rows = [tabular.row("All described", tabular.cell("count", everybody), *blanks)]
    shares, sentences = dict[str, Shares](), list[Sentence]()
    for name in question.design.asked_diseases:
        members, label = question.with_disease(name), DISEASES[name]
        total = draft.count_in(
            f"frequency/{name}/patients/count", f"{label}: patients", members,
            of=question.described, absent=question.uncounted,
        )  # fmt: skip
        shares[name] = _shares(question, draft, name)
        head = tabular.cell("count", total)
        if question.lists_all or len(members):
            rows.append(tabular.row(label, head, *blanks))
            rows += [_row(question, limit, shares[name]) for limit in question.limits]
            sentences += _said(question, name, shares[name])
        else:
            rows.append(tabular.row(label, head, tabular.text("none here"), *blanks[1:]))
    if question.uncounted:
        return draft.findings("frequency", _TITLE, Layout(sentences=instead(question.uncounted)))
    heads = ("Patients", "Below / with a count", f"% ({question.scope.level} CI)", "Open")
    more = () if question.lists_all else ("If all open were below",)
    table = tabular.table(
        question.scope, "limits", f"Count below each limit {question.when}, by disease",
        "Disease, and limit in 10⁹/L", (*heads, *more), rows, *_NOTES,
    )  # fmt: skip
    layout = Layout(
        sentences=(*_together(question, shares), *sentences), tables=(table,),
        cautions=cautions(question),
    )  # fmt: skip
    return draft.findings("frequency", _TITLE, layout)


def cautions(question: Question) -> tuple[str, ...]:
    """That a cohort of low counts alone has no frequency; of a restricted one nothing is told."""
    counted = question.counted(question.described)
    low = question.below(counted, max(LIMITS))
    is_chosen = not question.lists_all and len(counted) >= _LEAST and len(low) == len(counted)
    return (_OF_LOW_COUNTS,) if is_chosen else ()


def _told_of(question: Question) -> list[str]:
    """The diseases of which a sentence is made; of a restricted cohort all."""
    return [
        name
        for name in question.design.asked_diseases
        if question.lists_all or len(question.counted(question.with_disease(name))) >= _LEAST
    ]


def _together(question: Question, shares: Mapping[str, Shares]) -> tuple[Sentence, ...]:
    """Several diseases in one sentence of the answer; nothing where there is one."""
    names = _told_of(question)
    if len(names) < 2:
        return ()
    listed = clauses(
        *(
            f"{_inside(DISEASES[name])} {shares[name].said(question.limit, 'fraction_percent')}"
            for name in names
        )
    )
    is_open = any(question.limit in shares[name].most for name in names)
    known = "Below" if is_open else "Known to have been below"
    said = f"{known} {question.limit:g} × 10⁹/L {question.when}: {listed}."
    return (Sentence(said, is_key=True),)


def _row(question: Question, limit: float, shares: Shares) -> Row:
    """A limit's row, with how many counts leave it open, where some leave any."""
    known, most = shares.known[limit], shares.most.get(limit)
    left = tabular.cell("count", shares.open[limit]) if shares.open else tabular.BLANK
    cells = [
        tabular.cell("fraction_percent", known),
        tabular.cell("percent_ci", known) if most is None else tabular.BLANK,
        left,
    ]
    if not question.lists_all:
        cells.append(tabular.BLANK if most is None else tabular.cell("fraction_percent", most))
    return tabular.row(f"below {limit:g}", tabular.BLANK, *cells, level=1)


def _shares(question: Question, draft: Draft, name: str) -> Shares:
    """How many are known to be below each limit, how many open, and how many below at most."""
    members, label, absent = question.with_disease(name), DISEASES[name], question.uncounted
    counted = question.counted(members)
    left = {limit: question.open_at(members, limit) for limit in question.limits}
    is_told = not absent and (question.lists_all or any(map(len, left.values())))
    known, undecided, most = dict[float, str](), dict[float, str](), dict[float, str]()
    for limit in question.limits:
        tail, below = f"frequency/{name}/{limit_name(limit)}", question.below(members, limit)
        known[limit] = draft.share_in(
            tail, f"{label}: count known to be below {limit:g}", below, counted,
            nobody="nobody with it here has a count", absent=absent,
        )  # fmt: skip
        if is_told:
            undecided[limit] = draft.count_in(
                f"{tail}/open/count", f"{label}: count that may lie on either side of {limit:g}",
                left[limit], of=members,
            )  # fmt: skip
        if is_told and not question.lists_all and len(left[limit]):
            most[limit] = draft.share_in(
                f"{tail}/most", f"{label}: count below {limit:g} if all open ones were",
                below | left[limit], counted,
            )  # fmt: skip
    return Shares(known, undecided, most)


def limit_name(limit: float) -> str:
    """A limit in a key: `2.0`, `1.75`."""
    return f"{limit:.1f}" if f"{limit:g}" == f"{limit:.0f}" else f"{limit:g}"


def _said(question: Question, name: str, shares: Shares) -> tuple[Sentence, ...]:
    """How many at the limit asked, how that moves with it, and in how many it is open.

    Of a restricted cohort each is a sentence of its own: one may be withheld without the others.
    """
    limit, disease = question.limit, _inside(DISEASES[name])
    others = (other for other in LIMITS if other >= USUAL_LIMIT and other != limit)
    listed = clauses(*(f"{shares.said(at, 'percent')} below {at:g}" for at in others))
    source = ", the limit of the study" if question.is_study_limit else ""
    verb = "were" if limit in shares.most else "are known to have been"
    known = (
        f"Of the patients with {disease} and a count, {shares.said(limit, 'fraction_percent')} "
        f"{verb} below {limit:g} × 10⁹/L{source}, {question.when}."
    )
    holds = len(question.counted(question.with_disease(name))) >= _LEAST
    is_key = len(_told_of(question)) < 2
    if not question.lists_all:
        return (Sentence(f"{known} By other limits: {listed}.", holds=holds, is_key=is_key),)
    moved = f"Known of the patients with {disease} by other limits: {listed}."
    left = clauses(*(f"{{{key}:count}} at {at:g}" for at, key in shares.open.items()))
    more = f"Of the patients with {disease} counts given with < or > leave a limit open: {left}."
    return (
        *(Sentence(text, holds=holds, is_key=is_key) for text in (known, moved)),
        Sentence(more, holds=holds and bool(shares.open)),
    )


def _inside(label: str) -> str:
    """A disease inside a sentence: a name keeps its capital."""
    names = ("Sjögren", "Graves")
    return label if label.startswith(names) else label[:1].lower() + label[1:]
