"""Judging printed figures at its doors: the terminal, a file, the documented example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.displaypub import DisplayPublisher
from IPython.core.formatters import DisplayFormatter

import incohort as ic
from incohort.claims import VerdictKind
from incohort.claims.by_itself import (
    Why,
    all_judged,
    judged_in_file,
    judged_in_memory,
    published_judged,
)
from incohort.cli import run
from incohort.dictionary import DictionaryError
from incohort.errors import UsageError
from incohort.jupyter.guard import guard
from incohort.reports.index import write_index

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    """The figures that docs/judging.md shows."""
    page = (ROOT / "docs" / "judging.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path_factory.mktemp("mine") / "my_figures.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_example_is_judged(example):
    """It shows one of each kind, with the verdicts that were worked out for each."""
    found = {one.shown.figure.label: one.why for one in all_judged(judged_in_file(example))}
    assert found == {
        "Anaemia, neutropenic": Why.FITS,
        "Sepsis": Why.NO_COUNT,
        "Response, 95 % interval": Why.OTHER_INTERVAL,
        "Days to recovery": Why.NO_COUNT,
        "Odds ratio, kidney disease": Why.FITS,
        "Kidney disease, P": Why.FITS,
        "Infection, P": Why.FITS,
        "Infections, P": Why.FITS,
        "White cells, P": Why.FITS,
        "Serious infections": Why.FITS,
        "Patients by drug": Why.DONT_SUM,
        "Recovered, and died": Why.BOUNDS,
    }


FAULTY = """\
figures:
  - label: Not in quotes
    as_printed: 43.1
    share: {n: 58, event: 25}
  - label: Twice
    as_printed: "5"
    share: {n: 58}
    ratio: {ci: ["1", "2"]}
  - label: More than all
    as_printed: "5 %"
    share: {n: 5, events: 6}
  - label: No number
    as_printed: few
    share: {n: 5}
"""


def test_all_faults_of_a_file_come_at_once_with_their_lines(tmp_path):
    """A reader mends them in one go, and no path is told."""
    path = tmp_path / "my_figures.yaml"
    path.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(DictionaryError) as refusal:
        judged_in_file(path)
    said = str(refusal.value).splitlines()
    assert [re.search(r"my_figures\.yaml:(\d+): ", line)[1] for line in said] == [
        *("3", "4", "5", "11", "12"),
    ]
    assert "in quotes" in said[0]
    assert "Did you mean 'events'?" in said[1]
    assert "not by several" in said[2]
    assert "more than n" in said[3]
    assert "no number" in said[4]
    assert str(tmp_path.parent) not in str(refusal.value)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ([{"label": "A", "as_printed": "5 %", "share": {"n": 9}, "id": "a"}] * 2, "stands 2 times"),
        (
            [{"label": "A", "as_printed": "5", "sum": {"parts": ["b"], "total": "5"}}],
            "names the id 'b', which no figure has",
        ),
        ([], "figures is empty"),
        ({"figures": 3}, "figures"),
        ({"label": "A", "as_printed": "5", "p": {"table": [[1, 2]]}}, "two rows or more"),
        (
            {"label": "A", "as_printed": "5", "p": {}},
            "give one of table, rates, statistic, interval_of",
        ),
        ({"label": "A", "as_printed": "5", "rate": {"events": 3}}, "give ci, or events"),
        ({"label": "A", "as_printed": "43,1 %", "share": {"n": 9}}, "decimals with a point"),
        ({"label": "A", "as_printed": "5 %", "share": {"n": 10**9}}, "less than or equal to"),
        ({"label": "A", "as_printed": "5", "mean": {"n": 9, "granularity": "0"}}, "above 0"),
        ({"label": "A", "as_printed": "5", "sum": {"parts": [""], "total": "5"}}, "no number"),
        ({"label": "A", "as_printed": "5", "id": "1a"}, "begins with a letter"),
        (
            [
                {"id": "a", "label": "A", "as_printed": "few"},
                {"label": "B", "as_printed": "5", "sum": {"parts": ["a"], "total": "5"}},
            ],
            "'A' is part of a sum: there is no number in 'few'",
        ),
        ({"label": "A", "as_printed": "5", "bounds": {"n": 3, "margins": [4, 1]}}, "can't be of 3"),
        ({"label": "A", "as_printed": "5", "kind": "rate", "mean": {"n": 3}}, "belongs to mean"),
        (
            {"label": "A", "as_printed": "5", "p": {"statistic": {"name": "F", "value": "2"}}},
            "F has 2 degrees of freedom",
        ),
    ],
)
def test_what_is_no_table_of_figures_is_refused(figures, said):
    """One sentence each, of what a notebook hands over."""
    with pytest.raises(DictionaryError, match=re.escape(said)):
        judged_in_memory(figures)


def test_a_figure_by_itself_or_in_a_list_is_judged_alike():
    """One mapping is one figure."""
    figure = {"label": "Sepsis", "as_printed": "8.5 %", "share": {"n": 107}}
    alone, listed, whole = (
        all_judged(judged_in_memory(given)) for given in (figure, [figure], {"figures": [figure]})
    )
    assert alone == listed == whole
    assert alone[0].why is Why.NO_COUNT


def test_the_terminal_lists_the_exceptions_and_counts_all(capsys, monkeypatch):
    """Each study with an exception, then one line for everything."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["claims", "--judge"]) == 0
    said = capsys.readouterr().out
    assert "zonozi2021" in said
    assert "goldschmeding1988" not in said
    assert "12 × other count; 10 × no count gives it; 5 × interval not symmetric" in said


def test_the_terminal_judges_a_study_or_a_file(example, capsys, monkeypatch):
    """Every figure of it, whatever the verdict."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["claims", "--judge", "goldschmeding1988"]) == 0
    assert "17 of 22 patients are 77.27 %" in capsys.readouterr().out
    assert run(["claims", "--judge", str(example)]) == 0
    said = capsys.readouterr().out
    assert "Table 2 of a paper" in said
    assert "Would fit: 6 of 71" not in said  # 71 stands nowhere in it
    assert "9 of 106" in said


def test_a_notebook_shows_the_figures_as_a_table(example):
    """Exceptions first; what a reader wrote is text and never runs."""
    hostile = {"label": "<script>alert(1)</script>", "as_printed": "5 %", "share": {"n": 40}}
    shown = ic.judge(hostile)
    page = shown._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "2 of 40 gives it." in repr(shown)
    first = [row.why for row in ic.judge(example).rows[:4]]
    assert sorted(first) == [
        *("by none of these methods", "no count gives it", "no count gives it", "parts don't sum"),
    ]
    assert [row.as_printed for row in ic.judge(str(example)).rows] == [
        row.as_printed for row in ic.judge(example).rows
    ]


@pytest.mark.parametrize("given", [3, None, b"my_figures.yaml", 5.0])
def test_a_notebook_says_what_it_takes(given):
    """A number is no figure."""
    with pytest.raises(UsageError, match="takes a YAML file"):
        ic.judge(given)


def test_a_restricted_cohorts_notebook_shows_no_figures_of_ones_own():
    """What a reader writes into a figure may be a patient's: only findings are shown there."""

    class Shell:
        display_formatter = DisplayFormatter()
        display_pub = DisplayPublisher()

    guard(Shell)
    shown, _ = Shell.display_formatter.format(
        ic.judge({"label": "Sepsis", "as_printed": "8.5 %", "share": {"n": 107}})
    )
    assert "Not shown" in shown["text/plain"]
    assert "Sepsis" not in str(shown)


def test_the_page_has_every_exception_open_and_the_rest_folded(tmp_path):
    """What does not agree stands outside of any fold; what fits is inside of one."""
    write_index(tmp_path)
    page = (tmp_path / "judged.html").read_text(encoding="utf-8")
    outside = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    against, fitting = ("does not agree with itself</span>", "agrees with itself</span>")
    n_against = sum(
        one.verdict is VerdictKind.DOES_NOT_AGREE for one in all_judged(published_judged())
    )
    assert outside.count(against) == page.count(against) == n_against
    assert fitting not in outside
    assert 'href="judged.html"' in (tmp_path / "claims.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("fragulis2018", "Did you mean 'fragoulis2018'?"),
        ("none_here.yaml", "cannot be read"),
        ("https://example.org/a.yaml", "Nothing is fetched"),
    ],
)
def test_what_names_nothing_is_refused(typed, said, capsys):
    """A study with a slip, a file that is not there, a URL."""
    assert run(["claims", "--judge", typed]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_where_no_report_asks_a_figure_is_told_with_what_stands_beside_it(
    capsys, monkeypatch, tmp_path
):
    """`incohort claims prca2018`: its P value differs, though no notebook asks for it."""
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["claims", "prca2018", "--reports", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "P = 0.0092" in line]
    assert "no report yet; alone: P differs" in line


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["5 %", "0", "43.1 %", "< 1 %", "−3.04", "1e-9", "P < .001", "0.0 (0 to 3)"]),
)
COUNTS = st.integers(-1, 10**8)
PAIRS = st.lists(TEXTS, min_size=2, max_size=2)
BLOCKS = st.one_of(
    st.fixed_dictionaries({"share": st.fixed_dictionaries({"n": COUNTS, "events": COUNTS})}),
    st.fixed_dictionaries({"share": st.fixed_dictionaries({"n": COUNTS})}),
    st.fixed_dictionaries(
        {
            "mean": st.fixed_dictionaries(
                {"n": st.integers(0, 99), "sd": TEXTS, "granularity": TEXTS}
            )
        }
    ),
    st.fixed_dictionaries(
        {"ratio": st.fixed_dictionaries({"ci": PAIRS, "groups": st.just([9, 9])})}
    ),
    st.fixed_dictionaries(
        {"rate": st.fixed_dictionaries({"ci": PAIRS, "per": st.floats(-1, 1e9)})}
    ),
    st.fixed_dictionaries({"sum": st.fixed_dictionaries({"parts": PAIRS, "total": TEXTS})}),
    st.fixed_dictionaries(
        {
            "p": st.fixed_dictionaries(
                {
                    "table": st.lists(
                        st.lists(st.integers(0, 30), min_size=2, max_size=2), min_size=2, max_size=2
                    )
                }
            )
        }
    ),
)


@given(TEXTS, BLOCKS)
@settings(deadline=None)
def test_whatever_a_reader_writes_is_judged_or_refused_in_a_sentence(as_printed, block):
    """No figure ends in anything else than a verdict with a sentence, or a refusal."""
    try:
        (found,) = all_judged(judged_in_memory({"label": "A", "as_printed": as_printed} | block))
    except DictionaryError:
        return
    assert found.sentence.endswith(".")
    assert "nan" not in found.sentence
