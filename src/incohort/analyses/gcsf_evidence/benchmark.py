"""The published meta-analysis, Wang 2019, as a benchmark: its figures, and what is odd in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from incohort.analyses.gcsf_evidence.pooled import pooling_of
from incohort.analyses.gcsf_evidence.printed import (
    DAYS,
    GROUPS,
    PRINTED_LEVEL,
    SIDES,
    VERSIONS,
    label_of,
    tail_of,
    z_test,
)
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import PooledDifference, gcsf_pooled
from incohort.results import (
    AS_PRINTED,
    Figure,
    Findings,
    Layout,
    Measure,
    Row,
    Sentence,
    Series,
    clauses,
)
from incohort.shapes.making import Given, part_of
from incohort.shapes.pooled_effects import METHODS, difference
from incohort.shapes.sentences import named, sentence
from incohort.shapes.tabular import cells, forest, row, table, text
from incohort.shapes.telling import telling

_CAUTIONS = (
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
)
_FROM_LIMITS = "From difference and limits"


def benchmark(question: Question) -> Findings:
    """What the published meta-analysis found, checked as far as its figures go, beside ours."""
    draft, scope = telling(question.published), question.published
    rows = list(_rows(draft.given))
    pooling = pooling_of(question)
    label = f"Pooled here: {METHODS[pooling.method]}"
    answer = pooling.by(pooling.method)
    keys = {
        f"{r.version}/{r.group}{end}": scope.key(f"{tail_of(r)}/{part}")
        for r in gcsf_pooled()
        for end, part in (("", "difference"), ("/z", "z"), ("/p", "p_value"))
    }
    keys["ours"] = difference(draft.given, "benchmark/ours", label, answer, pooling.n)
    layout = Layout(
        sentences=_sentences(keys),
        tables=(
            table(
                scope, "benchmark",
                "Published meta-analysis of days to recovery, with G-CSF less without", "Studies",
                ("Number", "As printed", "Difference in days (95 % CI)", ("Z", _FROM_LIMITS),
                 ("P", _FROM_LIMITS)),
                rows, *(f"{label_of(r)}: {r.note}" for r in gcsf_pooled() if r.note),
            ),
        ),
        figures=(_figure(question, keys),),
        cautions=_CAUTIONS,
    )  # fmt: skip
    return draft.findings("benchmark", "What the published meta-analysis says", layout)


def _sentences(keys: Mapping[str, str]) -> tuple[Sentence, ...]:
    """What the meta-analysis found, and what is odd in its figures."""
    printed = {(r.version, r.group): r for r in gcsf_pooled()}
    paper = printed["paper", "all"]
    limit = str(printed["provisional", "all"].ci_high).replace("-", "−")
    days = clauses("{paper/all:estimate_ci} days", "pooled here {ours:estimate_ci} days")
    templates = (
        f"Wang 2019 pooled {paper.n_studies} studies of {paper.n} patients: {days}.",
        (
            "Its difference and limits give Z = {paper/all/z:estimate}, as it printed. The "
            f"provisional abstract printed {limit} as the upper limit, which would give "
            "{provisional/all/z:estimate}: a misprint."
        ),
        (
            "Asia: {paper/asia:estimate_ci}; Europe and South America: "
            "{paper/europe_south_america:estimate_ci}, P = "
            "{paper/europe_south_america/p:p_value}. An abstract of 2019 had it the other way "
            "round: {conference/asia:estimate} and {conference/europe_south_america:estimate}."
        ),
    )
    return tuple(sentence(template, keys) for template in templates)


def _figure(question: Question, keys: Mapping[str, str]) -> Figure:
    """The versions of the meta-analysis, and what is pooled here."""
    series: dict[str, list[str]] = {label: [] for label in (*VERSIONS.values(), "Here")}
    for r in gcsf_pooled():
        series[VERSIONS[r.version]].append(keys[f"{r.version}/{r.group}"])
    series["Here"].append(keys["ours"])
    said = clauses("Wang 2019: {paper/all:estimate_ci}", "here: {ours:estimate_ci}")
    return forest(
        question.published, "benchmark",
        "The published meta-analysis in its three versions, and the pooling done here",
        named(f"Days to recovery with G-CSF less without, pooled. {said}.", keys),
        [Series(label, tuple(there), is_summary=True) for label, there in series.items()], DAYS,
        low_means=SIDES[0], high_means=SIDES[1],
    )  # fmt: skip


def _rows(given: Given) -> Iterator[Row]:
    """Each version's figures as they were printed, with the Z and P that they give."""
    for version, rows in groupby(gcsf_pooled(), lambda r: r.version):
        yield Row(VERSIONS[version], (), is_heading=True)
        for r in rows:
            n = text("–" if r.n_studies is None else f"{r.n_studies} ({r.n} patients)")
            kinds = ("estimate_ci", "estimate", "p_value")
            numbers = cells(kinds, _numbers(given, r))
            yield row(GROUPS[r.group], n, text(r.as_printed), *numbers, level=1)


def _numbers(given: Given, r: PooledDifference) -> Iterator[str]:
    """The printed difference, and Z and P that it gives with its limits."""
    tail, label, test = tail_of(r), label_of(r), z_test(r)
    limits = None if r.ci_low is None or r.ci_high is None else (r.ci_low, r.ci_high, PRINTED_LEVEL)
    yield given.estimate(
        f"{tail}/difference", label, Measure.DIFFERENCE, r.difference_days, n=r.n, unit="d",
        ci=limits, method=AS_PRINTED, notes=(r.source,),
    )  # fmt: skip
    method = getattr(test, "method", "")
    z = part_of(test, "statistic")
    yield given.number(f"{tail}/z", f"{label}, Z", Measure.STATISTIC, z, method=method)
    yield given.p_value(f"{tail}/p_value", f"{label}, P", test)
