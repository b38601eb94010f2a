"""The published meta-analysis, Wang 2019, as a benchmark: its figures, and what is odd in them."""

from __future__ import annotations

import math
from statistics import NormalDist

from incohort.analyses.gcsf_evidence.pooled import Pooling
from incohort.analyses.gcsf_evidence.published import DAYS, public, text
from incohort.analyses.gcsf_evidence.question import METHODS, Question
from incohort.analyses.making import Made
from incohort.dictionary import PooledDifference, gcsf_pooled
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.stats import HypothesisTest, NoEstimate

Which = tuple[str, str]  # version and group of a printed figure

GROUPS = {
    "all": "All studies",
    "asia": "Asia",
    "europe_south_america": "Europe and South America",
    "recovery_from_1_0_or_1_5": "Recovery at 1.0 or 1.5",
}
_VERSIONS = {
    "paper": "Wang 2019, the paper",
    "provisional": "Its provisional abstract",
    "conference": "An abstract of 2019 by the same group",
}
_PRINTED_LEVEL = 0.95  # of the intervals that the meta-analysis printed
_NORMAL = NormalDist()


def benchmark(question: Question) -> Findings:
    """What the published meta-analysis found, checked as far as its figures go, beside ours."""
    made = question.made()
    keys: dict[Which, str] = {
        (row.version, row.group): _difference(made, row) for row in gcsf_pooled()
    }
    tests: dict[Which, tuple[str, str]] = {
        (row.version, row.group): _tests(made, row) for row in gcsf_pooled()
    }
    ours = _ours(question, made)
    layout = Layout(
        sentences=_sentences(keys, tests, ours),
        tables=(_table(question, keys, tests),),
        figures=(_forest(question, keys, ours),),
        cautions=(
            (
                "The table of the studies pooled by Wang 2019 is not at hand: its figures are "
                "quoted and can’t be computed again. It pools the same kind of series as here, the "
                "three comparisons probably among them, so that agreement is no confirmation."
            ),
            (
                "From the earlier abstract to the paper, with three more studies, the regions "
                "changed places. An interval as wide as that of Europe and South America tells "
                "nothing about a difference between regions."
            ),
        ),
    )
    title = "What the published meta-analysis says"
    return public(question.published.findings("benchmark", title, made, layout))


def tail_of(row: PooledDifference) -> str:
    """Where the keys of a printed figure begin."""
    version = "" if row.version == "paper" else f"_{row.version}"
    group = "" if row.group == "all" else f"/{row.group}"
    return f"benchmark/{row.study}{version}{group}"


def label_of(row: PooledDifference) -> str:
    """What a printed figure is called."""
    group = "all studies" if row.group == "all" else GROUPS[row.group]
    return f"{_VERSIONS[row.version]}: {group}"


def standard_error(row: PooledDifference) -> float | None:
    """From the printed limits; None where there are none."""
    if row.ci_low is None or row.ci_high is None:
        return None
    return (row.ci_high - row.ci_low) / (2 * _NORMAL.inv_cdf(0.5 + _PRINTED_LEVEL / 2))


def _difference(made: Made, row: PooledDifference) -> str:
    limits = (
        None
        if row.ci_low is None or row.ci_high is None
        else (row.ci_low, row.ci_high, _PRINTED_LEVEL)
    )
    return made.estimate(
        f"{tail_of(row)}/difference", label_of(row), Measure.DIFFERENCE, row.difference_days,
        n=row.n, ci=limits, unit="d", method="as printed", notes=(row.source,),
    )  # fmt: skip


def _tests(made: Made, row: PooledDifference) -> tuple[str, str]:
    """Z and P that the printed difference and its limits give."""
    tail, label = tail_of(row), label_of(row)
    se = standard_error(row)
    if se is None:
        reason = "no interval was printed"
        z = made.none(f"{tail}/z", f"{label}, Z", reason)
        return z, made.none(f"{tail}/p_value", f"{label}, P", reason)
    statistic = abs(row.difference_days) / se
    method = "from the printed difference and its limits, normal"
    z = made.estimate(f"{tail}/z", f"{label}, Z", Measure.STATISTIC, statistic, method=method)
    p = math.erfc(statistic / math.sqrt(2))
    test = HypothesisTest(statistic=statistic, p_value=p, df=None, method=method)
    return z, made.p_value(f"{tail}/p_value", f"{label}, P", test)


def _ours(question: Question, made: Made) -> str:
    """The pooled effect worked out here, told once more beside the printed ones."""
    pooling = Pooling(question)
    method = question.design.pooling
    answer = pooling.by(method)
    label = f"Pooled here: {METHODS[method]}"
    if isinstance(answer, NoEstimate):
        return made.none("benchmark/ours", label, answer.reason)
    return made.estimate(
        "benchmark/ours", label, Measure.DIFFERENCE, answer.estimate, n=pooling.n,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
    )  # fmt: skip


def _sentences(
    keys: dict[Which, str],
    tests: dict[Which, tuple[str, str]],
    ours: str,
) -> tuple[Sentence, ...]:
    whole, region = ("paper", "all"), ("paper", "europe_south_america")
    paper, provisional = (
        next(row for row in gcsf_pooled() if (row.version, row.group) == (version, "all"))
        for version in ("paper", "provisional")
    )
    printed = str(provisional.ci_high).replace("-", "−")
    return (
        Sentence(
            f"Wang 2019 pooled {paper.n_studies} studies of {paper.n} patients: "
            + clauses(
                f"{{{keys[whole]}:estimate_ci}} days", f"pooled here {{{ours}:estimate_ci}} days"
            )
            + "."
        ),
        Sentence(
            f"Its difference and limits give Z = {{{tests[whole][0]}:estimate}}, as it printed. "
            f"The provisional abstract printed {printed} as the upper limit, which would give "
            f"{{{tests['provisional', 'all'][0]}:estimate}}: a misprint."
        ),
        Sentence(
            f"Asia: {{{keys['paper', 'asia']}:estimate_ci}}; Europe and South America: "
            f"{{{keys[region]}:estimate_ci}}, P = {{{tests[region][1]}:p_value}}. An abstract of "
            "2019 had it the other way round: "
            f"{{{keys['conference', 'asia']}:estimate}} and "
            f"{{{keys['conference', 'europe_south_america']}:estimate}}."
        ),
    )


def _table(
    question: Question,
    keys: dict[Which, str],
    tests: dict[Which, tuple[str, str]],
) -> Table:
    rows: list[Row] = []
    seen: set[str] = set()
    for row in gcsf_pooled():
        if row.version not in seen:
            rows.append(Row(_VERSIONS[row.version], (), is_heading=True))
            seen.add(row.version)
        z, p = tests[row.version, row.group]
        studies = "–" if row.n_studies is None else f"{row.n_studies} ({row.n} patients)"
        cells = (
            text(studies),
            text(row.as_printed),
            Cell(CellKind.ESTIMATE_CI, (keys[row.version, row.group],)),
            Cell(CellKind.ESTIMATE, (z,)),
            Cell(CellKind.P_VALUE, (p,)),
        )
        rows.append(Row(GROUPS[row.group], cells, level=1))
    return Table(
        key=question.published.key("benchmark/table"),
        caption="Published meta-analysis of days to recovery, with G-CSF less without",
        stub_head="Studies",
        columns=(
            Column("Number"), Column("As printed"), Column("Difference in days (95 % CI)"),
            Column("Z", "From difference and limits"), Column("P", "From difference and limits"),
        ),
        rows=tuple(rows),
        notes=tuple(f"{label_of(row)}: {row.note}" for row in gcsf_pooled() if row.note),
    )  # fmt: skip


def _forest(question: Question, keys: dict[Which, str], ours: str) -> Figure:
    series = [
        Series(label, tuple(key for (version, _), key in keys.items() if version == name))
        for name, label in _VERSIONS.items()
    ]
    return Figure(
        key=question.published.key("benchmark/figure"),
        kind=FigureKind.FOREST,
        caption="The published meta-analysis in its three versions, and the pooling done here",
        alt=(
            "Forest plot of pooled differences in days. "
            + clauses(
                f"Wang 2019: {{{keys['paper', 'all']}:estimate_ci}}",
                f"here: {{{ours}:estimate_ci}}",
            )
            + "."
        ),
        series=(*series, Series("Here", (ours,))),
        x_label=DAYS,
        reference=0,
    )
