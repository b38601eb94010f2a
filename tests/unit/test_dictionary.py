"""The data dictionary holds together, tells its faults, and says everything to its readers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incohort import cli
from incohort.cohort import Choices
from incohort.dictionary import (
    ColumnType,
    DictionaryError,
    assay_series,
    bundled,
    gcsf_arms,
    gcsf_pooled,
    hna,
    load,
    load_from,
    printed_shares,
    recovery_series,
    studies,
    study,
    unit_key,
)
from incohort.errors import ExitCode, UsageError
from incohort.pages.describe import describe
from incohort.pages.dictionary_page import _table, anchor, dictionary_page
from incohort.pages.wording import Listing

ROOT = Path(__file__).resolve().parents[2]
ANALYTES = list(load().analytes.values())
ranged = [
    *((a.name, a) for a in ANALYTES),
    *(
        (f"{t.name}.{c.name}", c)
        for t in load().tables.values()
        for c in t.columns
        if c.hard and c.plausible
    ),
]
by_name = pytest.mark.parametrize("analyte", ANALYTES, ids=lambda analyte: analyte.name)


# ---------------------------------------------------------------------- it holds together
@pytest.mark.parametrize(("name", "entry"), ranged, ids=[name for name, _ in ranged])
def test_plausible_values_are_accepted(name, entry):
    """What a very ill patient may have lies inside what is let in."""
    assert entry.hard.low <= entry.plausible.low < entry.plausible.high <= entry.hard.high


@by_name
def test_the_canonical_unit_is_accepted_as_it_is(analyte):
    """The canonical unit stands first among the accepted ones, with factor 1."""
    assert analyte.units[0].unit == analyte.unit
    assert analyte.units[0].factor == 1


@by_name
def test_no_spelling_means_two_units(analyte):
    """However a unit is written, within one analyte it is one unit."""
    owner: dict[str, str] = {}
    for accepted in analyte.units:
        for spelling in (accepted.unit, *accepted.aliases):
            assert owner.setdefault(unit_key(spelling), accepted.unit) == accepted.unit


def test_whatever_can_be_asked_for_has_a_name_of_its_own():
    """No table, analyte, definition, severity system, drug, antigen or list shares a name."""
    known = load()
    names = [
        *known.tables,
        *known.analytes,
        *(entry.name for entry in known.definitions.definitions),
        *(entry.name for entry in known.definitions.severity_systems),
        *(drug.name for drug in known.drugs),
        *(antigen.name for antigen in hna().antigens),
        "analytes", "collected", "definitions", "drugs", "severity", "hna", "assay_series",
        "gcsf_arms", "gcsf_pooled", "recovery_series",
    ]  # fmt: skip
    folded = [name.casefold() for name in names]
    assert len(set(folded)) == len(folded)


@pytest.mark.parametrize("table", load().tables.values(), ids=lambda table: table.name)
def test_a_tables_rules_speak_of_its_own_columns(table):
    """Keys, date orders and required_with name columns there are; categories have values."""
    columns = {column.name: column for column in table.columns}
    assert len(columns) == len(table.columns)
    assert {*table.primary_key, *table.foreign_keys} <= columns.keys()
    for rule in table.date_orders:
        own = {rule.earlier, rule.later} - {"patients.birth_date", "death.occurred_on"}
        assert own <= {name for name, c in columns.items() if c.type.startswith("date")}
    for column in table.columns:
        assert column.required_with is None or column.required_with in columns
        has_values = bool(column.categories) or column.categories_from is not None
        assert has_values == (column.type is ColumnType.CATEGORY)
        values = [category.value for category in column.categories]
        assert len(set(values)) == len(values)
        assert not set(values) & set(column.missing_codes)


@pytest.mark.parametrize(
    ("condition", "subtypes"),
    [
        ("thyroid_disease", "hashimoto graves ttm ntmg an_shp unknown"),
        ("inflammatory_bowel_disease", "crohn ulcerative_colitis unknown"),
    ],
)
def test_a_subtype_is_one_of_its_disease(condition, subtypes):
    """What the door refuses in one row is offered to nobody to choose."""
    known = load().table("diagnoses").may_be("subtype", ("condition", condition))

    assert [entry.value for entry in known] == subtypes.split()


def test_every_definition_that_code_asks_for_exists():
    """Code names a definition and its alternative literally, and the dictionary has both."""
    asked = []
    for path in (ROOT / "src" / "incohort").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        asked += re.findall(r'\.threshold\(\s*"(\w+)",\s*"(\w+)"', text)
    assert ("anaemia", "who_men") in asked
    for definition, alternative in asked:
        assert load().threshold(definition, alternative).source


def test_every_default_choice_exists():
    """What a report chooses when nobody says otherwise is in the dictionary."""
    choices = Choices()
    assert load().severity_system(choices.severity_system).name == "lecture"
    assert load().threshold("chronic", choices.chronic).value == 3
    assert load().threshold("thrombocytopenia", choices.platelets).value == 150


@pytest.mark.parametrize("name", studies())
def test_a_studys_figures_agree_with_what_stands_on_the_page(name):
    """A figure printed as a plain number has that value; a count is exact, a share is not."""
    seen = 0
    for claim in study(name).claims:
        if claim.value is None or not (
            printed := re.fullmatch(r"(?:P = |r² = )?(−?)([\d.]+)( %)?", claim.as_printed)
        ):
            continue
        seen += 1
        value = float(printed[2]) * (-1 if printed[1] else 1) / (100 if printed[3] else 1)
        assert claim.value == pytest.approx(value, abs=1e-12), claim.label
        digits = len(printed[2].partition(".")[2])
        half = 0.5 * 10.0**-digits / (100 if printed[3] else 1) if digits or printed[3] else 0.0
        assert claim.tolerance == pytest.approx(half), claim.label
    judged = [c for c in study(name).claims if c.judged_by or c.version_of]
    assert seen > 3 or len(judged) == len(study(name).claims)  # of a few figures judged alone


# ---------------------------------------------------------------------- units
@pytest.mark.parametrize(
    ("analyte", "value", "unit", "canonical"),
    [
        ("ANC", 1500, "/uL", 1.5),
        ("ANC", 1500, "cells/mm³", 1.5),
        ("ANC", 1.5, "K/µL", 1.5),
        ("ANC", 1.5, "× 10⁹/L", 1.5),
        ("ANC", 1500, "10^6/L", 1.5),
        ("HB", 120, "g/L", 12.0),
        ("HB", 7.45, "mmol/L", 12.005),  # 16.114 g per mmol of haem-carrying chains
        ("C3", 0.9, "g/L", 90),
        ("CRP", 1.2, "mg/dL", 12),
        ("TSH", 2.5, "µIU/mL", 2.5),
        ("ANTI_TPO", 35, "kIU/L", 35),
        ("TRAB", 1.75, "mIU/mL", 1.75),
        ("FT3_MASS", 300, "pg/dL", 3.0),
        ("FT4_MASS", 12, "pg/mL", 1.2),
        ("CD4", 0.35, "10^9/L", 350),
    ],
)
def test_a_value_is_converted_as_by_hand(analyte, value, unit, canonical):
    """1500 cells per microlitre are 1.5 × 10⁹/L, and so on for each analyte's other units."""
    accepted = load().analyte(analyte).accepted(unit)

    assert accepted is not None
    assert value * accepted.factor == pytest.approx(canonical, abs=0.001)


@pytest.mark.parametrize(
    ("mass", "grams_per_mole", "picograms_per_millilitre", "printed"),
    [
        ("FT3_MASS", 650.97, 1, 1.536),  # pg/mL
        ("FT4_MASS", 776.87, 10, 12.87),  # ng/dL is 10 pg/mL
    ],
)
def test_mass_becomes_molar_by_the_molar_mass(
    mass, grams_per_mole, picograms_per_millilitre, printed
):
    """Picograms per millilitre are nanograms per litre; a thousandth of the molar mass is 1 pmol.

    The printed factors 1.536 and 12.87 come out of the molar masses of T3 and T4.
    """
    equivalent = load().analyte(mass).equivalent

    assert equivalent.factor == printed
    assert picograms_per_millilitre * 1000 / grams_per_mole == pytest.approx(printed, rel=5e-4)
    assert equivalent.analyte == mass.removesuffix("_MASS")


@pytest.mark.parametrize("hormone", ["FT3", "FT4"])
def test_mass_and_molar_units_cannot_be_swapped(hormone):
    """Neither analyte of a hormone accepts a unit of the other one."""
    molar, mass = load().analyte(hormone), load().analyte(f"{hormone}_MASS")
    assert all(mass.accepted(u.unit) is None for u in molar.units)
    assert all(molar.accepted(u.unit) is None for u in mass.units)


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [
        ("ANC", "%"),  # a share is no count
        ("ANC", "{titer}"),  # an antibody titre is no count
        ("ANC", "K"),  # kelvin
        ("ANTI_TPO", "U/mL"),  # a kit's own unit
        ("NEUT_PCT", ""),  # nothing is guessed
        ("HB", "mmol/dL"),
    ],
)
def test_a_unit_that_is_not_listed_is_refused(analyte, unit):
    """Units are never guessed."""
    assert load().analyte(analyte).accepted(unit) is None


every_spelling = [
    (analyte, accepted, spelling)
    for analyte in ANALYTES
    for accepted in analyte.units
    for spelling in (accepted.unit, *accepted.aliases)
]


@given(
    chosen=st.sampled_from(every_spelling),
    change=st.sampled_from(
        [str.upper, str.lower, lambda s: f" {s} ", lambda s: s.replace("u", "µ"), lambda s: s]
    ),
    value=st.floats(1e-3, 1e6),
)
def test_a_unit_is_known_however_it_is_written(chosen, change, value):
    """Case, spaces and the micro sign change nothing, but that giga is no gram."""
    analyte, accepted, spelling = chosen
    written = change(spelling)

    found = analyte.accepted(written)

    if spelling.lower() in {"g/l", "m/l"} and written.strip()[0] != spelling[0]:
        assert found is None
        return
    assert found == accepted
    assert value * found.factor / accepted.factor == pytest.approx(value, rel=1e-12)


# ---------------------------------------------------------------------- its faults
@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the dictionary to break."""
    for part in ("tables", "analytes.yaml", "definitions.yaml", "drugs.csv", "drug_names.csv"):
        origin = bundled("data_dictionary") / part
        if origin.is_dir():
            shutil.copytree(origin, tmp_path / part)
        else:
            shutil.copy(origin, tmp_path / part)
    return tmp_path


def broken(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence and answer the line that it stands in."""
    text = path.read_text(encoding="utf-8")
    position = text.index(old)
    path.write_text(text[:position] + new + text[position + len(old) :], encoding="utf-8")
    return text.count("\n", 0, position) + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("analytes.yaml", "plausible:", "plausable:", "Did you mean 'plausible'"),
        ("analytes.yaml", "factor: 0.001", "factor: 0", "greater than 0 (found 0)"),
        ("analytes.yaml", "factor: 1\n", "factor: one\n", "found 'one'"),
        ("analytes.yaml", "system: LOINC", "system: LOIN", "found 'LOIN'"),
        ("definitions.yaml", "certainty: lecture", "certainty: sure", "found 'sure'"),
        ("definitions.yaml", "upper_limit: 1.8", "uper_limit: 1.8", "Did you mean 'upper_limit'"),
        ("tables/labs.yaml", "type: category", "type: categories", "found 'categories'"),
        ("tables/labs.yaml", "required: true", "requird: true", "Did you mean 'required'"),
    ],
)
def test_a_slip_in_a_file_is_told_with_its_line(folder, file, old, new, said):
    """File, line, what was found, and the key that was meant."""
    line = broken(folder / file, old, new)

    with pytest.raises(DictionaryError) as refusal:
        load_from(folder)

    message = str(refusal.value)
    assert f"{Path(file).name}:{line}: " in message
    assert said in message
    assert str(folder.parent) not in message


def test_all_slips_of_a_file_are_told_at_once(folder):
    """Two wrong keys are two lines of one refusal."""
    first = broken(folder / "analytes.yaml", "plausible:", "plausable:")
    second = broken(folder / "analytes.yaml", "label: White", "labl: White")

    with pytest.raises(DictionaryError) as refusal:
        load_from(folder)

    assert {f"analytes.yaml:{line}:" in str(refusal.value) for line in (first, second)} == {True}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("analytes.yaml", "name: WBC", "name: ANC", "'ANC' stands 2 times"),
        ("definitions.yaml", "name: chronic\n", "name: neutropenia\n", "'neutropenia' stands 2"),
        ("definitions.yaml", "name: common\n", "name: lecture\n", "'lecture' stands 2"),
        ("definitions.yaml", "name: below_1_5", "name: below_1_8", "'below_1_8' stands 2"),
        ("tables/labs.yaml", "name: unit", "name: value", "'value' stands 2"),
        ("tables/labs.yaml", "name: labs", "name: lab", "it must be the file's"),
        ("tables/labs.yaml", "later: taken_at", "later: taken_on", "names no column: taken_on"),
        ("tables/events.yaml", "unless: [death]", "unless: [deth]", "'deth', which event never is"),
        ("tables/antibody_tests.yaml", "value: gift\n", "value: gft\n", "'gft', which assay never"),
        ("tables/hna_types.yaml", "default: patient", "default: child", "'child', which subject"),
        ("tables/labs.yaml", "label: Lab", "name: labs\nlabel: Lab", "'name' stands twice"),
        ("tables/labs.yaml", "label: Lab", "label: [", "labs.yaml:"),
        ("drugs.csv", "H03BB01", "H03BB02", "'H03BB02' stands 2 times"),
        ("drugs.csv", "carbimazole", "thiamazole", "'thiamazole' stands 2 times"),
        ("drugs.csv", "L01XC02", "L04AA34", "'L04AA34' stands 2 times"),
        ("drugs.csv", ",suspect", ",suspected", "drugs.csv:2: wrong or unknown: role"),
        ("drug_names.csv", "Tapazole,H03BB02", "Neo Mercazole,H03BB02", "is read as"),
        ("drug_names.csv", "Tapazole", "Strumazol", "'Strumazol' stands 2 times"),
        ("drugs.csv", ",suspect", ",suspect,more", "drugs.csv:2: "),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(folder, file, old, new, said):
    """A name twice, a role or cell that no row may have: each is told, none is passed over."""
    broken(folder / file, old, new)

    with pytest.raises(DictionaryError) as refusal:
        load_from(folder)

    assert said in str(refusal.value)


@pytest.mark.parametrize("file", ["analytes.yaml", "drugs.csv", "tables/labs.yaml"])
def test_a_missing_file_is_told(folder, file):
    """A dictionary without one of its files says which."""
    (folder / file).unlink()

    with pytest.raises(DictionaryError) as refusal:
        load_from(folder)

    assert Path(file).name in str(refusal.value)


def test_a_spelling_of_two_units_is_refused(folder):
    """An alias that could mean two units of one analyte never decides in silence."""
    broken(folder / "analytes.yaml", '"M/L"', '"G/L"')

    with pytest.raises(DictionaryError) as refusal:
        load_from(folder)

    assert "'G/L'" in str(refusal.value)
    assert "ANC" in str(refusal.value)


# ---------------------------------------------------------------------- what readers see
def test_a_wrong_name_is_answered_with_the_nearest():
    """`chronc` is met with `chronic`, `clozapne` with `clozapine`."""
    for typed, meant in [("chronc", "chronic"), ("clozapne", "clozapine"), ("lab", "labs")]:
        with pytest.raises(UsageError, match=f"Did you mean '{meant}'"):
            describe(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ([], ["patients", "antibody_tests", "analytes", "definitions"]),
        (["patients"], ["age_years", "accepted 0 to 125", "primary_autoimmune", "HP:0001904"]),
        (["labs"], ["with value", "comparator"]),
        (["anc"], ["0 to 500 × 10⁹/L", "× 0.001", "LOINC 751-8", "OMOP 3007670"]),
        (["analytes"], ["FT3_MASS", "pmol/L"]),
        (["definitions"], ["late_onset_count", "below 0.5 × 10⁹/L"]),
        (["chronic"], ["at least 3 months", "read in the paper"]),
        (["lecture"], ["1.0 to below 1.8"]),
        (["drugs"], ["L01XC02", "thiamazole"]),
        (["L01XC02"], ["rituximab", "L01FA01"]),
        (["hna"], ["HNA-3a", "SLC44A2", "not reliably", "daratumumab"]),
        (["hna-3a"], ["5b", "97 %", "Only GAT"]),
        (["assay_series"], ["Audrain 2011", "23 of 66"]),
        (["gcsf_arms"], ["Andrès 2001", "11.6 ± 5 days", "worked out here"]),
        (["gcsf_pooled"], ["−3.04", "47.4", "its provisional"]),
        (["recovery_series"], ["kim2015", "5.5 (1 to 20)", "zonozi2021"]),
    ],
)
def test_the_terminal_tells_what_was_asked_for(typed, said, capsys, monkeypatch):
    """Ranges, categories, units and codes, for a table, an analyte, a definition or a drug."""
    monkeypatch.setenv("COLUMNS", "160")

    assert cli.run(["dictionary", "show", *typed]) == ExitCode.DONE

    printed = capsys.readouterr().out
    assert not [word for word in said if word not in printed]


@pytest.mark.parametrize("width", [50, 60, 80])
@pytest.mark.parametrize("typed", ["patients", "clonality", "drugs", "late_onset_count", "hna"])
def test_a_narrow_terminal_breaks_no_word(typed, width, capsys, monkeypatch):
    """At 50 columns the name of a drug or column still stands in one piece; no line is longer."""
    monkeypatch.setenv("COLUMNS", str(width))

    cli.run(["dictionary", "show", typed])

    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= width
    for listing in describe(typed):
        for row in listing.rows:
            assert row[0].split()[0] in printed


def cells(page: str) -> list[list[str]]:
    """The rows of all tables on the page, unescaped."""
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    return [
        [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        for row in rows
    ]


def test_the_page_says_everything():
    """Every column, value, unit, spelling, code, threshold, drug and printed figure is on it."""
    page = dictionary_page()
    text = re.sub(r"\\(.)", r"\1", page)
    known = load()
    wanted = {name for table in known.tables.values() for name in (table.name, table.label)}
    for table in known.tables.values():
        wanted |= {column.name for column in table.columns}
        wanted |= {entry.value for column in table.columns for entry in column.categories}
        wanted |= {entry.remedy for entry in table.contradictions}
        wanted |= {code.code for c in table.columns for code in (*c.codes, *c.excluded_codes)}
    for analyte in ANALYTES:
        wanted |= {spelling for unit in analyte.units for spelling in (unit.unit, *unit.aliases)}
        wanted |= {code.code for code in (*analyte.codes, *analyte.excluded_codes)}
    for entry in known.definitions.definitions:
        wanted |= {entry.label, *(choice.source for choice in entry.alternatives)}
        wanted |= {said.text for said in entry.statements}
        wanted |= {said.contradicts for said in entry.statements}
    wanted |= {code for drug in known.drugs for code in drug.all_atc}
    wanted |= {antigen.name for antigen in hna().antigens}
    wanted |= {antigen.old_name for antigen in hna().antigens}
    wanted |= {entry.text for entry in (*hna().sights, *hna().confounders, *hna().statements)}
    wanted |= {entry.as_printed for entry in assay_series()}
    for entry in (*gcsf_arms(), *gcsf_pooled(), *recovery_series()):
        wanted |= {entry.as_printed, entry.source, entry.note}
    for entry in printed_shares():
        wanted |= {entry.label, entry.source, entry.note}
    for name in studies():
        found = study(name)
        wanted |= {claim.as_printed for claim in found.claims}
        wanted |= {" ".join(entry.consequence.split()) for entry in found.not_published}
        wanted |= {found.doi, found.pmid, found.pmcid}
    assert not sorted(word for word in wanted if word not in text)


def test_the_pages_tables_are_whole():
    """Each row has as many cells as its table's head: no pipe of a text has made one more."""
    width = 0
    after_break = True
    for line in dictionary_page().splitlines():
        if not line.startswith("|"):
            after_break = True
            continue
        n_cells = len(re.split(r"(?<!\\)\|", line))
        width = n_cells if after_break else width
        after_break = False
        assert n_cells == width, line


def test_the_pages_links_lead_to_its_headings():
    """Each link inside the page meets one heading, and no two headings share an anchor."""
    page = dictionary_page()
    headings = [anchor(head) for head in re.findall(r"^#+ (.+)$", page, re.MULTILINE)]
    assert len(set(headings)) == len(headings)
    links = re.findall(r"\]\(#([^)]+)\)", page)
    assert len(links) > len(load().tables)
    assert set(links) <= set(headings)


def test_the_page_links_nowhere_else():
    """Addresses stand as text: the page loads and follows nothing outside the repository."""
    page = dictionary_page()
    assert "](http" not in page
    assert "<a " not in page


@pytest.mark.parametrize(
    "word",
    ["LOINC®", "Regenstrief", "SNOMED International", "WHO Collaborating Centre", "2025-01-16"],
)
def test_the_page_credits_the_owners_of_the_codes(word):
    """Whoever owns a code system is named beside its codes."""
    assert word in dictionary_page().rsplit("## Where the codes come from", 1)[1]


def test_a_text_cannot_break_the_page():
    """A pipe, an asterisk or a tag in an entry is shown, not obeyed."""
    listing = Listing(title="", heads=("A", "B"), rows=(("a|b *c*\n<b>", "d"),))

    assert cells(_table(listing))[-1] == ["a|b *c* <b>", "d"]
    assert _table(listing).splitlines()[-1] == r"| a\|b \*c\* \<b\> | d |"
