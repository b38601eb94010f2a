"""Names that are meant, files that are refused, units and costs in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from incohort.dictionary import DictionaryError, load
from incohort.dictionary.costs import costs_in
from incohort.dictionary.drug_names import has_dose, name_key, name_keys
from incohort.dictionary.files import is_folder, is_regular, is_writable, read_regular, typed_path
from incohort.dictionary.nearest import brief, nearest, nearest_name, squashed, unknown_name
from incohort.dictionary.parse import parse_file
from incohort.dictionary.rows import parse_rows
from incohort.dictionary.units import unit_meant
from incohort.dictionary.wording import in_unit, unit_words
from incohort.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        # case, and what stands between the parts, are no difference
        ("Birth Date", ["birth_date"], "birth_date"),
        ("birth-date", ["birth_date"], "birth_date"),
        ("birth.date", ["birth_date"], "birth_date"),
        # up to eight letters one slip, up to thirteen two, above three
        ("neutropr", ["neutrope"], "neutrope"),
        ("neutroxx", ["neutrope"], None),
        ("neutropexi", ["neutropeni"], "neutropeni"),
        ("neutrpoein", ["neutropeni"], "neutropeni"),
        ("neutroxyz", ["neutropeni"], None),
        ("conf_levxy", ["conf_level"], "conf_level"),
        ("recovery_threshoxyz", ["recovery_threshold"], "recovery_threshold"),
        # letters swapped are one slip, also in a short word
        ("sxe", ["sex"], "sex"),
        ("sey", ["sex"], None),
        ("unti", ["unit"], "unit"),
        ("unix", ["unit"], "unit"),
        ("knit", ["unit"], None),
        # two that are as near: either might be wrong
        ("gat", ["gst", "gft"], None),
        ("latect", ["latest", "lateet"], None),
        # a code is no slip for another one, and a number no other number
        ("AMC", ["ANC"], None),
        ("anc", ["ANC"], "ANC"),
        ("kyritsi2016", ["kyritsi2015"], None),
        ("kyritsy2015", ["kyritsi2015"], "kyritsi2015"),
        ("HNA-3b", ["HNA-3a"], None),
        # opposites, and what is denied
        ("hypothyroid", ["hyperthyroid"], None),
        ("hyperthyroid", ["hyperthyriod"], "hyperthyriod"),
        ("female", ["male"], None),
        ("inpatient", ["outpatient"], None),
        ("unknown", ["known"], None),
        ("typical", ["atypical"], None),
        # another word for the same
        ("lowest", ["latest", "nadir"], "nadir"),
        ("Lowest", ["nadir"], "nadir"),
        ("f", ["female", "male"], "female"),
        ("date", ["taken_at"], "taken_at"),
        ("date", ["taken_at", "index_date"], None),
        ("gender", ["sex", "centre"], "sex"),
        # a letter twice
        ("posittive", ["positive"], "positive"),
        ("", ["sex"], None),
        ("a" * 50, ["sex"], None),
        ("sex", [], None),
    ],
)
def test_the_name_that_was_meant_is_offered_and_no_other(typed, known, meant):
    """Who follows the offer gets what they meant; where that is not sure, none is made."""
    assert nearest(typed, known) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kyritsi", "kyritsi2015"), ("kyri", "kyritsi2015"), ("kyr", None),
        ("evidence", "gcsf_evidence"), ("assay", "assay_yield"), ("yield", "assay_yield"),
        ("ield", None), ("gcsf", "gcsf_evidence"), ("study", None),
    ],
)  # fmt: skip
def test_one_of_our_own_names_may_be_begun_or_named_by_a_part(typed, meant):
    """Four letters of its beginning, or a whole word of it; not where two names have it."""
    names = ["kyritsi2015", "gcsf_evidence", "assay_yield", "study_one", "study_two"]
    assert nearest_name(typed, names) == meant


def test_a_name_is_refused_with_the_nearest_and_all_there_are():
    """Sorted; `none` where there are none; a long word is cut."""
    assert str(unknown_name("assay", "gfit", ["lift", "gift"])) == (
        "There is no assay 'gfit'. Did you mean 'gift'? Known: gift, lift."
    )
    assert str(unknown_name("assay", "x", [])) == "There is no assay 'x'. Known: none."
    assert brief("a" * 120) == "a" * 120
    assert brief("a" * 121) == "a" * 120 + "…"
    assert squashed("A b_c-d.e/F") == "abcdef"


@pytest.mark.parametrize(
    ("analyte", "unit", "meant"),
    [
        ("ANC", "10*9/l.", "10*9/L"), ("ANC", "cells per uL", "/uL"), ("ANC", "(10^9)/L", "10*9/L"),
        ("ANC", "/nL", None), ("ANC", "", None), ("HB", "g per dL", "g/dL"), ("HB", "g/mL", None),
        ("TSH", "IU/L", None), ("ANC", "10E+9/L", "10*9/L"), ("ANC", "/microliter", "/uL"),
    ],
)  # fmt: skip
def test_another_spelling_of_a_unit_is_offered_and_another_unit_is_not(analyte, unit, meant):
    """Signs, `per` and litres written out stand for the same; a prefix never does."""
    assert unit_meant(load().analyte(analyte), unit) == meant


@pytest.mark.parametrize(
    ("unit", "words", "figures"),
    [
        ("10*9/L", "10⁹/L", "1.5 × 10⁹/L"), ("10*6/L", "10⁶/L", "1.5 × 10⁶/L"),
        ("10*3/uL", "10³/µL", "1.5 × 10³/µL"), ("m[IU]/L", "mIU/L", "1.5 mIU/L"),
        ("{tests}", "tests", "1.5 tests"), ("u[IU]/mL", "µIU/mL", "1.5 µIU/mL"),
        ("ug/L", "µg/L", "1.5 µg/L"), ("/uL", "/µL", "1.5 /µL"), ("%", "%", "1.5 %"),
    ],
)  # fmt: skip
def test_a_unit_is_written_as_a_clinician_does(unit, words, figures):
    """Powers raised, µ for u, no brackets; a power of ten is multiplied with its figures."""
    assert (unit_words(unit), in_unit("1.5", unit)) == (words, figures)


KNOWN = ("gift", "gat")
FORM = "Costs read assay=number, parted by commas, as in gift=30, gat=20"


@pytest.mark.parametrize(
    ("text", "costs"),
    [
        ("", {}), (" , ", {}), ("gift=0", {"gift": 0.0}),
        ("gift = 3.5 ,gat=.5", {"gift": 3.5, "gat": 0.5}),
        ("gift=1e2", {"gift": 100.0}),
    ],
)  # fmt: skip
def test_costs_are_read_as_they_are_typed(text, costs):
    """Spaces and empty parts are nothing; a test may cost nothing."""
    assert costs_in(text, KNOWN) == costs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gift", f"{FORM}; got 'gift'."),
        ("gift=-1", f"{FORM}; got 'gift=-1'."),
        ("gift=1e999", f"{FORM}; got 'gift=1e999'."),
        ("gift=1,5", f"{FORM}; got '5'. Write decimals with a point."),
        ("gift=1,gift=1", "The cost of 'gift' is given twice; give it once."),
        ("gfit=1", "There is no assay 'gfit'. Did you mean 'gift'? Known: gat, gift."),
    ],
)  # fmt: skip
def test_costs_that_say_nothing_are_refused(text, words):
    """What was typed, how it is written, and the assay that was meant."""
    with pytest.raises(UsageError) as refused:
        costs_in(text, KNOWN)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("name", "key", "is_dosed"),
    [
        ("Filgrastim 300 µg s.c.", "filgrastim", True), ("Granocyte 34", "granocyte", False),
        ("Novalgin Tropfen", "novalgin", False), ("metamizole sodium", "metamizole", False),
        ("Métamizole", "metamizole", False), ("6-mercaptopurine", "6mercaptopurine", False),
        ("Clozapin 100mg", "clozapin", True), ("ATG (rabbit)", "atgrabbit", False),
        ("filgrastim i.v. 300", "filgrastim", False), ("TMP/SMX", "tmpsmx", False),
    ],
)  # fmt: skip
def test_a_drugs_name_is_read_without_dose_form_and_salt(name, key, is_dosed):
    """And whether a dose stands in it: a strength without its unit is none."""
    assert (name_key(name), has_dose(name)) == (key, is_dosed)


def test_a_name_in_brackets_is_a_name_too():
    """Whole, without what is in brackets, and that alone; each once."""
    assert name_keys("ATG (Grafalon)") == ("atggrafalon", "atg", "grafalon")
    assert name_keys("ATG") == ("atg",)


class Entry(BaseModel):
    """One entry."""

    model_config = ConfigDict(extra="forbid")

    name: str
    n: int = 0
    many: tuple[str, ...] = ()


def refused(path: Path) -> str:
    with pytest.raises(DictionaryError) as error:
        parse_file(path, Entry)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nmae: a\nname: b\n", "x/a.yaml:1: nmae is not a known key. Did you mean 'name'?"),
        ("name: b\nother: 1\n", "x/a.yaml:2: other is not a known key."),
        ("n: 1\n", "x/a.yaml:1: name is missing."),
        ("name: a\nname: b\n", "x/a.yaml:2: 'name' stands twice."),
        ("? [a]\n: b\n", "x/a.yaml:1: a key is one word or number."),
        ("", "x/a.yaml: is empty."),
        ("name: a\nn: [1\n", "x/a.yaml:3: did not find expected ',' or ']'."),
        ("name: a\nn: !!int b\n", "x/a.yaml: holds a value that is not what it says it is"),
        ("name: a\nmany:\n  - b\n  - [c]\n", "x/a.yaml:4: many.1: input should be a valid string"),
        ("name: a\nn: " + "1" * 401 + "\n", "x/a.yaml:2: is a number of 401 digits."),
        ("name: &a [*a]\n", "x/a.yaml: its aliases stand for more entries than one can read."),
        ("[" * 61 + "]" * 61, "x/a.yaml:1: is nested too deeply."),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(tmp_path, text, words):
    """The folder and the file's name, the line, and what stands there."""
    path = tmp_path / "x" / "a.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    assert refused(path).startswith(words)


def test_twenty_faults_of_a_file_are_told_and_the_rest_counted(tmp_path):
    """A file of many slips is still read to its end."""
    path = tmp_path / "a.yaml"
    for n in (20, 21, 22):
        path.write_text("".join(f"k{i}: 1\n" for i in range(n - 1)), encoding="utf-8")
        lines = refused(path).splitlines()
        assert len(lines) == min(n, 21)
        assert lines[-1].endswith(f": and {n - 20} more faults.") is (n > 20)


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    """None there, no text, a folder, too large."""
    path = tmp_path / "a.yaml"
    assert refused(path).endswith("/a.yaml: cannot be read (No such file or directory).")
    path.write_bytes(b"\xff\xfe")
    assert refused(path).endswith("/a.yaml: is not UTF-8 text; save it as UTF-8.")
    path.write_bytes(b"0123456789")
    assert read_regular(path, most=10) == b"0123456789"
    with pytest.raises(OSError, match="it is larger than 0 MB"):
        read_regular(path, most=9)
    assert (is_regular(path), is_folder(path)) == (True, False)
    assert (is_regular(tmp_path), is_folder(tmp_path)) == (False, True)
    assert not is_regular(tmp_path / "none")
    assert not is_regular(Path("a\0b"))
    assert (is_writable("é"), is_writable("\ud800")) == (True, False)


def test_a_path_is_one_that_a_system_can_have():
    """Neither empty nor with a NUL, of a home that there is; a long one is cut in the message."""
    assert typed_path("a/b") == Path("a/b")
    for text, words in (
        ("", "'' is no name of a file or folder."),
        ("a\0", "'a\\x00' is no name of a file or folder."),
        ("~nobody-of-that-name/a", "there is no home folder of '~nobody-of-that-name'."),
        ("\0" + "a" * 120, f"'\\x00{'a' * 119}…' is no name of a file or folder."),
    ):
        with pytest.raises(UsageError) as refusal:
            typed_path(text)
        assert str(refusal.value).endswith(words)


def test_rows_of_a_file_are_entries_and_a_wrong_cell_is_told_with_its_line(tmp_path):
    """Several values stand between bars; an empty cell that may be left out is."""
    path = tmp_path / "a.csv"
    path.write_text("name,n,many\na,,b|c\nd,2,\n", encoding="utf-8")
    found = parse_rows(path, Entry, listed=("many",), optional=("n",))

    assert [(e.name, e.n, e.many) for e in found] == [("a", 0, ("b", "c")), ("d", 2, ())]
    with pytest.raises(DictionaryError, match=r"^a\.csv:2: wrong or unknown: n\.$"):
        parse_rows(path, Entry, listed=("many",))
    with pytest.raises(DictionaryError, match=r"^none\.csv: cannot be read \(No such file"):
        parse_rows(tmp_path / "none.csv", Entry)


OPPOSITES = """
hypo hyper|early late|low high|min max|first last|start stop|before after|pre post|positive negative
inpatient outpatient|male female|igg igm|iga igm|with without|left right|intra inter|mono poly
"""
OTHER_WORDS = """
nadir: lowest, minimum, min, nadirs, trough
latest: newest, most recent, last
female: f, w, woman, women, weiblich, girl
male: m, man, men, männlich, boy
positive: pos, +, reactive
negative: neg, nonreactive
indeterminate: borderline, equivocal, grey zone, gray zone
death: died, deceased, exitus
WBC: leukocytes, leucocytes, white cells
PLT: platelets, thrombocytes
HB: haemoglobin, hemoglobin, hgb
ANC: neutrophil count, absolute neutrophil count
sex: gender
birth_date: dob, date of birth, birthdate, born
age_years: age
patient_id: id, pid, patient, patient no, subject id
taken_at: date, day, sample date, date of sample
analyte: test, parameter, lab test
unit: units
centre: center, site, hospital
aetiology: cause, etiology
started_on: start, start date, from
stopped_on: stop, end, stop date, end date
"""


@pytest.mark.parametrize("pair", "|".join(OPPOSITES.split("\n")).strip("|").split("|"))
def test_a_name_is_never_a_slip_for_its_opposite(pair):
    """In a long name three letters may be wrong, but not those that turn it round."""
    this, that = (f"{part}_recovery_count" for part in pair.split())

    assert nearest(this, [that]) is None
    assert nearest(that, [this]) is None
    assert nearest(f"{this}x", [this]) == this


@pytest.mark.parametrize("negation", ["a", "anti", "dis", "im", "in", "no", "non", "not", "un"])
def test_a_name_is_never_a_slip_for_its_denial(negation):
    """With and without `un` before it are two things, whichever was typed."""
    assert nearest(f"{negation}recoverycount", ["recoverycount"]) is None
    assert nearest("recoverycount", [f"{negation}recoverycount"]) is None


@pytest.mark.parametrize("line", OTHER_WORDS.strip().splitlines())
def test_another_word_for_the_same_is_known(line):
    """However it is written, and only where what it means can be chosen."""
    meant, _, words = line.partition(": ")
    for word in words.split(", "):
        for typed in (word, word.upper()):
            assert nearest(typed, [meant, "zzzzzzzzzzzzzzzzzzzzzzzz"]) == meant
            assert nearest(typed, ["zzzzzzzzzzzzzzzzzzzzzzzz"]) is None
