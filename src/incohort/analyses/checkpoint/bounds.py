"""What published margins leave open: who died before recovery, and the median of all."""

from __future__ import annotations

from incohort.analyses.checkpoint.question import Question
from incohort.dictionary import study
from incohort.results import Findings, Layout, Measure, Sentence
from incohort.shapes.making import Given
from incohort.shapes.tabular import cell, row, table, text
from incohort.shapes.telling import telling
from incohort.stats import NoEstimate, then
from incohort.stats.margins import Crossed, extent
from incohort.stats.never import median_bound

STUDY = "ici_review2020"
_METHOD = "integer program over the printed margins"
_NOTE = (
    "How many recovered and how many died was printed, and not how many did both. Whoever died and "
    "had not recovered died before: any number between the two is possible."
)


def bounds(question: Question) -> Findings:
    """Between what the share who died before recovery lies, and the median duration of all."""
    draft = telling(question.scope)
    given = draft.given
    printed = {claim.key: claim for claim in study(STUDY).claims}
    known = printed[f"published/{STUDY}/died_first"].bounds
    median = printed["checkpoint/duration/median"].value
    if known is None or median is None:
        raise ValueError(STUDY)
    n, (recovered, died) = known.n, known.margins
    crossed = Crossed({"recovered": (True, False), "died": (True, False)})
    totals = [
        crossed.total(n),
        crossed.total(recovered, recovered=True),
        crossed.total(died, died=True),
    ]
    between = extent(crossed.where(recovered=False, died=True), totals)
    least, most = (
        given.number(
            f"died_first/{name}", f"Published: died before recovery, {word}", Measure.STATISTIC,
            between if isinstance(between, NoEstimate) else float(count or 0), method=_METHOD,
        )
        for name, word, count in (
            ("lowest", "at least", getattr(between, "least", 0)),
            ("highest", "at most", getattr(between, "most", 0)),
        )
    )  # fmt: skip
    shares = [
        given.number(
            f"died_first/share/{name}", f"Published: share who died before recovery, {word}",
            Measure.PROPORTION,
            between if isinstance(between, NoEstimate) else float(count or 0) / n, method=_METHOD,
        )
        for name, word, count in (
            ("lowest", "at least", getattr(between, "least", 0)),
            ("highest", "at most", getattr(between, "most", 0)),
        )
    ]  # fmt: skip
    is_whole = not question.scope.restricted_by
    is_own = is_whole and question.cohort.card.study == STUDY
    of_all = _median_of_all(given, n, recovered, median)
    layout = Layout(
        sentences=(
            Sentence(
                f"The published median of {median:g} days is that of the {recovered} of {n} who "
                f"recovered; counting everybody it is at least {{{of_all}:estimate}} days.",
                is_key=is_own or not question.scope.lists_all,
            ),
            Sentence(
                f"Of the {n} published cases {recovered} recovered and {died} died: between "
                f"{{{least}:estimate}} and {{{most}:estimate}} "
                f"({{{shares[0]}:percent_ci}} to {{{shares[1]}:percent_ci}}) died before they "
                "recovered.",
                is_key=is_own,
            ),
        ),
        tables=(
            table(
                question.scope, "bounds", "What the printed numbers leave open", "Series",
                ("Cases", "Recovered", "Died", "Died before recovery, at least", "at most",
                 "Median days, of the recovered", "of all, at least"),
                (row("BMC Cancer 2020", *map(text, (f"{n}", f"{recovered}", f"{died}")),
                     cell("estimate", least), cell("estimate", most), text(f"{median:g}"),
                     cell("estimate", of_all)),),
                _NOTE,
            ),
        ),
    )  # fmt: skip
    return draft.findings("bounds", "What was published, and what it leaves open", layout)


def _median_of_all(given: Given, n: int, recovered: int, median: float) -> str:
    """The least that the median of all can be, those who never recovered among them."""
    bound = then(median_bound(n, recovered, median), lambda bound: bound.at_least)
    return given.number(
        "duration/of_all/lowest", "Published: median days of all, at least", Measure.MEDIAN, bound,
        method="order of the values, the never recovered last", unit="d",
    )  # fmt: skip
