"""The published meta-analysis, Wang 2019, as a benchmark: its figures, and what is odd in them."""

from __future__ import annotations

from incohort.analyses.gcsf_evidence.pooled import Pooling
from incohort.analyses.gcsf_evidence.printed import (
    GROUPS,
    PRINTED_LEVEL,
    VERSIONS,
    label_of,
    tail_of,
    z_test,
)
from incohort.analyses.gcsf_evidence.published import DAYS, public, text
from incohort.analyses.gcsf_evidence.question import METHODS, Question
from incohort.dictionary import PooledDifference, gcsf_pooled
from incohort.results import (
    AS_PRINTED,
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
from incohort.shapes.making import Made
from incohort.stats import NoEstimate

Which = tuple[str, str]  # version and group of a printed figure


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


def _difference(made: Made, row: PooledDifference) -> str:
    limits = (
        None
        if row.ci_low is None or row.ci_high is None
        else (row.ci_low, row.ci_high, PRINTED_LEVEL)
    )
    return made.estimate(
        f"{tail_of(row)}/difference", label_of(row), Measure.DIFFERENCE, row.difference_days,
        n=row.n, ci=limits, unit="d", method=AS_PRINTED, notes=(row.source,),
    )  # fmt: skip


def _tests(made: Made, row: PooledDifference) -> tuple[str, str]:
    """Z and P that the printed difference and its limits give."""
    tail, label = tail_of(row), label_of(row)
    test = z_test(row)
    if isinstance(test, NoEstimate) or test.statistic is None:
        reason = test.reason if isinstance(test, NoEstimate) else "it has no statistic"
        z = made.none(f"{tail}/z", f"{label}, Z", reason)
        return z, made.none(f"{tail}/p_value", f"{label}, P", reason)
    z = made.estimate(
        f"{tail}/z", f"{label}, Z", Measure.STATISTIC, test.statistic, method=test.method
    )
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
            rows.append(Row(VERSIONS[row.version], (), is_heading=True))
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
        for name, label in VERSIONS.items()
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
