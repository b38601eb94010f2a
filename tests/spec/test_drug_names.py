"""A drug is what it is called: synonyms, brands and doses; what nobody can read is not "none"."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from incohort import sources
from incohort.cohort import RecoveryChoices, episode_frame, open_cohort
from incohort.dictionary import load

# What clinics write, and the substance by its international name.
WRITTEN = {
    "G-CSF": "G-CSF",
    "gcsf": "G-CSF",
    "rhG-CSF 300 µg s.c.": "G-CSF",
    "G-CSF (filgrastim)": "G-CSF",
    "Neupogen 30 MU": "filgrastim",
    "Zarzio® 48 Mio. E.": "filgrastim",
    "PEG-filgrastim 6mg": "pegfilgrastim",
    "Tapazole": "thiamazole",
    "methimazole 20 mg/d": "thiamazole",
    "Metamizol": "metamizole",
    "Métamizole sodium 1 g i.v.": "metamizole",
    "dipyrone": "metamizole",
    "Novalgin 500mg": "metamizole",
    "co-trimoxazole": "co-trimoxazole",
    "TMP/SMX": "co-trimoxazole",
    "TMP-SMX 160/800 mg": "co-trimoxazole",
    "Clozapine HCl 25 mg": "clozapine",
    "vancomycine": "vancomycin",
    "MabThera": "rituximab",
    "penicillin G 5 MU": "benzylpenicillin",
    "Granocyte 34": "lenograstim",
    "Filgrastim i.v. 300": "filgrastim",
    "Bactrim forte": "co-trimoxazole",
    "Novalgin Tropfen 20 gtt": "metamizole",
}


@pytest.mark.parametrize(("written", "meant"), WRITTEN.items())
def test_a_drug_is_known_by_what_clinics_call_it(written, meant):
    """Case, accents, signs, a dose, a way of giving and a salt behind the name don't matter."""
    code = load().code_of(written)
    assert code is not None
    assert load().substance(code) == meant


@pytest.mark.parametrize(
    "name", ["wundermittel", "", "G", "CSF", "mg", "AZA", "300 mg", "filgastim"]
)
def test_a_name_that_is_like_one_is_none(name):
    """What is not a name of one drug is no drug: nothing is guessed from a likeness."""
    assert load().code_of(name) is None


def test_every_name_has_one_code_and_a_source():
    """Each of the names is read as one code of the right form, and says who calls it so."""
    for entry in load().drug_names:
        assert load().code_of(entry.name) == entry.atc
        assert len(entry.atc) in {5, 7}
        assert entry.source


def folder(path: Path, rows: list[tuple[str, ...]]) -> Path:
    """Three patients with a low count on day 1 and recovery on day 8, and these medications."""
    path.mkdir()
    tables = {
        "patients": [("patient_id", "aetiology"), *((p, "drug_induced") for p in ("A", "B", "C"))],
        "labs": [
            ("patient_id", "analyte", "taken_at", "value", "unit"),
            *(
                (p, "ANC", f"2020-03-0{day}", value, "10*9/L")
                for p in ("A", "B", "C")
                for day, value in ((1, "0.2"), (4, "0.4"), (8, "2.5"), (9, "3.0"))
            ),
        ],
        "medications": [
            ("patient_id", "atc", "drug", "role", "started_on", "stopped_on"),
            *(
                (p, "", "metamizole", "suspect", "2020-02-20", "2020-03-01")
                for p in ("A", "B", "C")
            ),
            *rows,
        ],
    }
    for name, lines in tables.items():
        with (path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
    return path


def given(path: Path) -> dict[str, object]:
    frame = episode_frame(open_cohort(str(path)), RecoveryChoices())
    return dict(zip(frame["patient_id"], frame["has_gcsf"], strict=True))


def concerns(path: Path):
    return [c for c in sources.examine(path).concerns if c.look.table == "medications"]


@pytest.mark.parametrize("name", ["G-CSF", "GCSF", "Neupogen", "filgrastim 300 µg", "Lenograstim"])
def test_gcsf_by_any_name_is_given(tmp_path, name):
    """A and B are given it, under whatever name; C is not."""
    rows = [(p, "", name, "treatment", "2020-03-02", "2020-03-06") for p in ("A", "B")]
    found = given(folder(tmp_path / "named", rows))
    assert (found["A"], found["B"], found["C"]) == (True, True, False)


def test_a_treatment_that_nobody_can_read_is_not_no_gcsf(tmp_path):
    """A's treatment is misspelt, B's only known by its wide group, C's is another drug.

    Of A and B it is not known whether they were given G-CSF; C was not.
    """
    path = folder(
        tmp_path / "misspelt",
        [
            ("A", "", "filgastrim", "treatment", "2020-03-02", "2020-03-06"),
            ("B", "L03", "immunostimulant", "treatment", "2020-03-02", "2020-03-06"),
            ("C", "", "Prednisolon 20 mg", "treatment", "2020-03-02", "2020-03-06"),
        ],
    )
    found = given(path)
    assert found["A"] is None
    assert found["B"] is None
    assert found["C"] is False
    near = [c.look for c in concerns(path) if c.look.rule == "name_not_known"]
    assert [look.n_rows for look in near] == [1]
    assert "filgrastim" in near[0].sentence


def test_a_cohort_of_suspects_alone_says_nothing_of_gcsf(tmp_path):
    """Where no treatment was written down of anybody, nobody is known to have had no G-CSF."""
    assert set(given(folder(tmp_path / "suspects", [])).values()) == {None}
    rows = [("C", "", "prednisolone", "treatment", "2020-03-02", "2020-03-06")]
    assert set(given(folder(tmp_path / "treated", rows)).values()) == {False}


def test_what_is_odd_about_a_drug_is_worth_a_look(tmp_path):
    """A dose in the name, a name that nobody knows, and a code of another drug: a line each."""
    path = folder(
        tmp_path / "odd",
        [
            ("A", "", "filgrastim 300 µg", "treatment", "2020-03-02", "2020-03-06"),
            ("B", "", "Wundermittel", "concomitant", "2020-03-02", "2020-03-06"),
            ("C", "N05AH02", "carbimazole", "concomitant", "2020-03-02", "2020-03-06"),
            ("C", "L03AA02", "G-CSF", "treatment", "2020-03-02", "2020-03-06"),
            ("C", "L03AA", "filgrastim", "treatment", "2020-03-03", "2020-03-06"),
        ],
    )
    looks = {c.look.rule: c.look.n_rows for c in concerns(path)}
    assert looks == {"dose_in_name": 1, "name_not_known": 1, "code_against_name": 1}


def test_a_suspect_that_nobody_can_read_may_be_a_biologic(tmp_path):
    """Late onset after MabThera is found by its brand; after an unknown suspect it is not known."""
    rows = [("A", "", "MabThera", "suspect", "2019-10-01", "2019-10-01")]
    frame = episode_frame(open_cohort(str(folder(tmp_path / "brand", rows))), RecoveryChoices())
    assert dict(zip(frame["patient_id"], frame["late_onset"], strict=True))["A"] is True
    rows = [("A", "", "study drug", "suspect", "2019-10-01", "2019-10-01")]
    frame = episode_frame(open_cohort(str(folder(tmp_path / "unread", rows))), RecoveryChoices())
    late = dict(zip(frame["patient_id"], frame["late_onset"], strict=True))
    assert late["A"] is None
    assert late["B"] is False


def test_a_drug_given_again_under_another_name_is_the_same(tmp_path):
    """Metamizole caused it; Novalgin after the recovery is a re-exposure, and one suspect."""
    rows = [("A", "", "Novalgin", "suspect", "2020-02-22", "2020-02-28")]
    rows += [("B", "N02BB02", "Novalgin", "concomitant", "2020-03-10", "2020-03-12")]
    path = folder(tmp_path / "again", rows)
    with (path / "labs.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("B", "ANC", "2020-03-11", "0.3", "10*9/L"),
                                    ("B", "ANC", "2020-03-20", "2.0", "10*9/L")])  # fmt: skip
    frame = episode_frame(open_cohort(str(path)), RecoveryChoices())
    first = frame.drop_duplicates("patient_id").set_index("patient_id")
    assert first.loc["A", "n_suspects"] == 1
    assert first.loc["B", "criterion_rechallenge"] is True
