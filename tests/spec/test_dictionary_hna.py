"""Neutrophil antigens against the tables they were taken from, typed out here a second time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from incohort.dictionary import DictionaryError, assay_series, bundled, hna, load
from incohort.dictionary.antigens import hna_from
from incohort.dictionary.assay_evidence import AssaySeries
from incohort.dictionary.rows import parse_rows
from incohort.errors import UsageError

# antigen: old name, gene, what carries it, per cent of Caucasians who have it (0: not found)
TABLE = {
    "HNA-1a": ("NA1", "FCGR3B", "CD16b", 58),
    "HNA-1b": ("NA2", "FCGR3B", "CD16b", 88),
    "HNA-1c": ("SH", "FCGR3B", "CD16b", 5),
    "HNA-1d": ("", "FCGR3B", "CD16b", 0),
    "HNA-2": ("NB1", "", "CD177", 97),
    "HNA-3a": ("5b", "SLC44A2", "", 97),
    "HNA-3b": ("5a", "SLC44A2", "", 0),
    "HNA-4a": ("MARTa", "ITGAM", "CD11b", 99),
    "HNA-4bw": ("", "ITGAM", "CD11b", 0),
    "HNA-5a": ("ONDa", "ITGAL", "CD11a", 96),
    "HNA-5bw": ("", "ITGAL", "CD11a", 0),
}
ASSAYS = next(c for c in load().table("antibody_tests").columns if c.name == "assay").categories


def test_antigens_are_as_in_the_tables():
    """Old name, gene, CD and frequency of all eleven; HNA-3 is on CTL2, not on CXCR2."""
    found = {
        antigen.name: (
            antigen.old_name,
            system.gene,
            system.cluster,
            round(100 * (antigen.caucasian_frequency or 0)),
        )
        for system in hna().systems
        for antigen in system.antigens
    }
    assert found == TABLE
    carriers = {system.name: system.glycoprotein for system in hna().systems}
    assert carriers["HNA-3"] == "CTL2"
    variants = {system.name: system.variant for system in hna().systems if system.variant}
    assert variants == {"HNA-3": "rs2288904", "HNA-4": "rs17362505", "HNA-5": "rs2230433"}


@pytest.mark.parametrize(
    ("assay", "antigen", "sees"),
    [
        ("gat", "HNA-3a", "yes"),
        ("gift", "HNA-3a", "unreliably"),
        ("maiga", "5b", "unreliably"),
        ("gift", "HNA-1a", "yes"),
        ("gift", "NB1", "yes"),
        ("gat", "NA2", "unreliably"),
        ("lift", "HNA-3a", None),
        ("maiga", "HNA-1a", None),
        ("beads", "HNA-5a", None),
    ],
)
def test_which_assay_sees_which_antigen(assay, antigen, sees):
    """Only GAT reliably sees HNA-3a; GIFT does better for HNA-1 and 2; the rest isn't stated."""
    sight = hna().sight(assay, antigen)
    assert (sight.sees if sight else None) == sees


def test_only_gat_sees_hna_3a():
    """No other assay is said to see it, and each that is asked for says why not."""
    sights = [sight for sight in hna().sights if "HNA-3a" in sight.antigens]
    assert [sight.assay for sight in sights if sight.sees == "yes"] == ["gat"]
    assert {sight.assay for sight in sights} == {"gift", "gat", "maiga", "flow_wift", "beads"}
    assert all("Only GAT reliably sees" in sight.text for sight in sights)


def test_what_deceives_which_assay():
    """HLA antibodies and immune complexes confound GIFT and flow; MAIGA isn't named."""
    names = {entry.name for entry in hna().confounders_of("gift")}
    assert names == {"hla_antibodies", "immune_complexes"}
    assert hna().confounders_of("flow_wift") == hna().confounders_of("gift")
    assert hna().confounders_of("maiga") == ()
    assert any("daratumumab" in entry.text for entry in hna().confounders)


def test_antigens_and_series_name_assays_of_the_dictionary():
    """An assay is one that a row of antibody_tests may have."""
    known = {entry.value for entry in ASSAYS}
    assert {sight.assay for sight in hna().sights} <= known
    assert {assay for entry in hna().confounders for assay in entry.assays} <= known
    assert {entry.assay for entry in assay_series()} - {""} <= known
    assert "gift_gat" in known


def test_the_assay_that_either_makes_positive_is_called_so():
    """Positive by GIFT or GAT is another thing than positive by both."""
    (both,) = (entry for entry in ASSAYS if entry.value == "gift_gat")
    assert both.label == "GIFT or GAT"


def test_a_strange_antigen_is_refused_and_no_other_one_offered():
    """HNA-3c isn't there and is no slip for HNA-3a; names are told apart whatever their case."""
    assert hna().antigen("hna-3A").name == "HNA-3a"
    with pytest.raises(UsageError, match=r"no neutrophil antigen 'HNA-3c'\. Known: .*HNA-3a"):
        hna().antigen("HNA-3c")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: HNA-1b", "name: HNA-1a", "twice or unknown: HNA-1a"),
        ("- assay: maiga", "- assay: gift", "twice or unknown: HNA-3a by gift"),
        ("antigens: [HNA-3a]", "antigens: [HNA-3z]", "twice or unknown: HNA-3z"),
        ('sees: "yes"', "sees: often", "found 'often'"),
        ("caucasian_frequency: 0.58", "caucasian_frequency: 58", "less than or equal to 1"),
    ],
)
def test_a_slip_in_the_file_is_told(tmp_path: Path, old, new, said):
    """An antigen twice or unknown, a word or share that can't be: each is refused."""
    text = (bundled("data_dictionary") / "hna.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "hna.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DictionaryError) as refusal:
        hna_from(tmp_path)
    assert said in str(refusal.value)


# ---------------------------------------------------------------------- what other series found
SERIES = {
    ("Bux 1998", 240, None, None),
    ("Audrain 2011", 116, None, 60),
    ("Farruggia 2019", 421, None, None),
    ("Sicre de Fontbrune 2015", 66, 23, 34.8),
    ("Adult chronic idiopathic neutropenia", 131, None, 56),
    ("SCNIR-EU 2019", 102, 95, None),
    ("Tesfa 2011", 11, 0, None),
}


def test_series_are_as_printed():
    """How many, how many positive, which share: what wasn't printed is empty, not worked out."""
    found = {(entry.study, entry.n, entry.positive, entry.percent) for entry in assay_series()}
    assert found >= SERIES
    labs = {(e.study, e.n) for e in assay_series() if e.counted == "laboratories"}
    assert labs == {
        ("Bux & Chapman 1997", 13),
        ("Lucas 2002", 15),
        ("Lucas 2013", 20),
        ("Lucas 2013", 13),
    }


def test_a_printed_share_is_that_of_the_printed_counts():
    """Where count and share are both printed they agree; nobody counts more than there are."""
    both = [entry for entry in assay_series() if entry.positive is not None and entry.percent]
    assert [f"{100 * entry.positive / entry.n:.1f}" for entry in both] == ["34.8"]
    assert all(entry.positive <= entry.n for entry in assay_series() if entry.positive is not None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",116,", ",many,", "assay_series.csv:3: wrong or unknown: n"),
        (",primary", ",sure", "assay_series.csv:2: wrong or unknown: certainty"),
        ("percent", "per_cent", "assay_series.csv:2: wrong or unknown: per_cent"),
    ],
)
def test_a_slip_in_a_series_is_told_with_its_line(tmp_path: Path, old, new, said):
    """A number that is none, an unknown word, an unknown column."""
    path = tmp_path / "assay_series.csv"
    shutil.copy(bundled("data_dictionary") / "evidence" / path.name, path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DictionaryError) as refusal:
        parse_rows(path, AssaySeries, optional=("positive", "percent"))
    assert said in str(refusal.value)
