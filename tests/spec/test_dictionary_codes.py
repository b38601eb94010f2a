"""The dictionary's codes against the lists they were taken from, typed out here a second time.

LOINC, HPO (release 2025-01-16), SNOMED CT, and ATC (index of 2026-04-25), each with the thing that
it names. A code that stands under another thing, or under two, is found here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from incohort.dictionary import Code, load
from incohort.errors import UsageError

LOINC = {
    "ANC": "751-8 26499-4 753-4",
    "NEUT_PCT": "770-8",
    "WBC": "6690-2 26464-8",
    "HB": "718-7",
    "PLT": "777-3 26515-7",
    "LYMPH": "731-0 26474-7",
    "MONO": "742-7",
    "TSH": "3016-3 11580-8",
    "FT3": "14928-6",
    "FT3_MASS": "3051-0",
    "FT4": "14920-3",
    "FT4_MASS": "3024-7",
    "ANTI_TPO": "8099-4",
    "ANTI_TG": "8098-6 5380-1",
    "TRAB": "53856-1",
    "C3": "4485-9",
    "C4": "4498-2",
    "CRP": "1988-5",
    "RF": "11572-5",
    "ANA_TITRE": "5048-4",
    "IGG": "2465-3",
    "IGA": "2458-8",
    "IGM": "2472-9",
    "CD4": "24467-3",
    "CD8": "14135-8",
    "CD57_NK": "73902-9",
    "BODY_WEIGHT": "29463-7",
    "antibody_tests.assay": "105285-1 105288-5 35279-9",
    "antibody_tests.assay=gift": "105286-9",
    "antibody_tests.assay=gat": "105287-7",
    "antineutrophil_antibodies": "105285-1 35279-9",
}
HPO = {
    "0001875": "ANC neutropenia",
    "0001904": "primary_autoimmune patients.aetiology=primary_autoimmune",
    "0003453": "antineutrophil_antibodies antibody_tests.assay",
    "0012234": "agranulocytosis",
    "0012235": "agranulocytosis",
    "0012139": "agranulocytosis marrow.cellularity=hypo",
    "0410252": "chronic",
    "0410255": "chronic",
    "0410256": "patients.aetiology=post_infectious",
    "0001882": "WBC",
    "0001888": "LYMPH",
    "0002718": "recurrent_infections events.event=recurrent_infections",
    "0002719": "recurrent_infections events.event=recurrent_infections",
    "0000155": "infection_risk",
    "0001744": "felty findings.finding=splenomegaly",
    "0002240": "findings.finding=hepatomegaly",
    "0002716": "findings.finding=lymphadenopathy",
    "0033555": "autoantibodies.antibody=anti_ro",
    "0032235": "autoantibodies.antibody=anti_la",
    "0032577": "clonality.tcr_result=clonal",
    "0031430": "clonality.tcr_result=oligoclonal",
    "0040187": "events.site=blood",
    "0032435": "events.site=umbilicus",
    "0000872": "diagnoses.subtype=hashimoto",
    "0100647": "diagnoses.subtype=graves",
    "0000821": "thyroid_disease",
    "0000836": "thyroid_disease",
    "0005987": "thyroid_disease",
    "0000866": "thyroid_disease",
    "0011785": "thyroid_disease",
    "0025379": "ANTI_TPO",
    "0032069": "ANTI_TG",
    "0034189": "TRAB",
    "0005421": "C3",
    "0045042": "C4",
    "0003493": "ANA_TITRE",
    "0002923": "RF",
    "0004315": "IGG",
    "0002720": "IGA",
    "0002850": "IGM",
}
SNOMED = {
    "165517008": "neutropenia",
    "303011007": "neutropenia",
    "17182001": "agranulocytosis",
    "47318007": (
        "drug_induced_onset patients.aetiology=drug_induced "
        "diagnoses.condition=drug_induced_neutropenia"
    ),
    "3902000": "diagnoses.condition=drug_induced_neutropenia",
    "56918001": "diagnoses.condition=drug_induced_neutropenia",
    "32092008": "diagnoses.condition=drug_induced_neutropenia",
    "234425008": "primary_autoimmune patients.aetiology=primary_autoimmune",
    "21983002": "diagnoses.subtype=hashimoto",
    "353295004": "diagnoses.subtype=graves",
    "26389007": "thyroid_disease",
    "237570007": "thyroid_disease",
    "40930008": "thyroid_disease",
    "34486009": "thyroid_disease",
    "16294009": "felty findings.finding=splenomegaly",
    "77465005": "transplants.donor",
}
ADULT_IDIOPATHIC = (
    "patients.aetiology=chronic_immunologic diagnoses.condition=chronic_immunologic_neutropenia"
)
RARE = {
    ("OMIM", "134750"): "felty diagnoses.condition=felty",
    ("ORPHA", "47612"): "felty diagnoses.condition=felty",
    ("OMIM", "607847"): ADULT_IDIOPATHIC,
    ("MONDO", "MONDO:0011922"): ADULT_IDIOPATHIC,
    ("ORPHA", "2688"): ADULT_IDIOPATHIC,
    ("ORPHA", "464370"): "neonatal_alloimmune diagnoses.condition=neonatal_alloimmune",
    ("ORPHA", "536"): "diagnoses.condition=systemic_lupus",
    ("ORPHA", "289390"): "diagnoses.condition=sjogren",
    ("ORPHA", "186"): "diagnoses.condition=primary_biliary_cholangitis",
    ("ORPHA", "1572"): "diagnoses.condition=cvid",
    ("ORPHA", "3261"): "diagnoses.condition=alps",
}
ICD = {
    "M05.0": "felty", "M32": "systemic_lupus", "M35.0": "sjogren", "M34": "systemic_sclerosis",
    "K74.3": "primary_biliary_cholangitis", "D83.9": "cvid", "D82.3": "xlp",
    "P61.5": "neonatal_alloimmune", "C91.1": "cll", "C88.0": "waldenstrom", "C81": "hodgkin",
}  # fmt: skip
ATC = """
thiamazole H03BB02, carbimazole H03BB01, propylthiouracil H03BA02, benzylthiouracil H03BA03,
co-trimoxazole J01EE01, benzylpenicillin J01CE01, amoxicillin J01CA04,
amoxicillin and clavulanic acid J01CR02, ampicillin J01CA01, oxacillin J01CF04, cloxacillin J01CF02,
flucloxacillin J01CF05, piperacillin and tazobactam J01CR05, cefotaxime J01DD01,
ceftriaxone J01DD04, ceftaroline J01DI02, cefepime J01DE01, meropenem J01DH02, vancomycin J01XA01,
linezolid J01XX08, erythromycin J01FA01, ticlopidine B01AC05, clopidogrel B01AC04,
clozapine N05AH02, olanzapine N05AH03, chlorpromazine N05AA01, mianserin N06AX03,
mirtazapine N06AX11, carbamazepine N03AF01, phenytoin N03AB02, valproate N03AG01,
lamotrigine N03AX09, metamizole N02BB02, diclofenac M01AB05, ibuprofen M01AE01, naproxen M01AE02,
indometacin M01AB01, sulfasalazine A07EC01, dapsone J04BA02, deferiprone V03AC02,
procainamide C01BA02, aprindine C01BB04, spironolactone C03DA01, captopril C09AA01,
calcium dobesilate C05BX01, levamisole P02CE01, quinine P01BC01, amodiaquine P01BA06,
terbinafine D01BA02, valganciclovir J05AB14, ganciclovir J05AB06, penicillamine M01CC01,
allopurinol M04AA01, ranitidine A02BA02, infliximab L04AB02, etanercept L04AB01, adalimumab L04AB04,
tocilizumab L04AC07, sarilumab L04AC14, filgrastim L03AA02, lenograstim L03AA10,
pegfilgrastim L03AA13, intravenous immunoglobulin J06BA02, methotrexate L04AX03/L01BA01,
ciclosporin L04AD01, azathioprine L04AX01, levothyroxine H03AA01,
golimumab L04AB06, certolizumab pegol L04AB05, ublituximab L04AG14, inebilizumab L04AG10,
durvalumab L01FF03, avelumab L01FF04, cemiplimab L01FF06, tremelimumab L01FX20, abatacept L04AA24,
ozanimod L04AE02, daratumumab L01FC01, bortezomib L01XG01,
antithymocyte immunoglobulin (rabbit) L04AA04, antilymphocyte immunoglobulin (horse) L04AA03,
mycophenolic acid L04AA06, hydroxychloroquine P01BA02, cyclophosphamide L01AA01,
bendamustine L01AA09, fludarabine L01BB05, pemetrexed L01BA04, gemcitabine L01BC05,
paclitaxel L01CD01, etoposide L01CB01, doxorubicin L01DB01, cisplatin L01XA01, carboplatin L01XA02,
prednisolone H02AB06, prednisone H02AB07, methylprednisolone H02AB04, eltrombopag B02BX05,
molgramostim L03AA03, sargramostim L03AA09
"""
CLASSES = {
    "anti-CD20": "rituximab ocrelizumab ofatumumab obinutuzumab ublituximab",
    "anti-CD52": "alemtuzumab",
    "TNF inhibitor": "infliximab etanercept adalimumab golimumab certolizumab",
    "IL-6 receptor inhibitor": "tocilizumab sarilumab",
    "BLyS inhibitor": "belimumab",
    "immune checkpoint inhibitor": (
        "nivolumab pembrolizumab atezolizumab durvalumab avelumab cemiplimab ipilimumab "
        "tremelimumab"
    ),
    "growth factor": "filgrastim lenograstim pegfilgrastim",
    "GM-CSF": "molgramostim sargramostim",
}
RECODED = """
rituximab L01XC02 L01FA01, alemtuzumab L04AA34 L04AG06, ocrelizumab L04AA36 L04AG08,
ofatumumab L01XC10 L01FA02/L04AG12, obinutuzumab L01XC15 L01FA03, nivolumab L01XC17 L01FF01,
pembrolizumab L01XC18 L01FF02, atezolizumab L01XC32 L01FF05, ipilimumab L01XC11 L01FX04,
belimumab L04AA26 L04AG04, leflunomide L04AA13 L04AK01
"""


def coded(*, is_excluded: bool) -> Iterator[tuple[Code, str]]:
    """Every code with where it stands: an analyte, a definition, a column, a value of a column."""
    known = load()
    for name, analyte in known.analytes.items():
        for code in analyte.excluded_codes if is_excluded else analyte.codes:
            yield code, name
    for table, spec in known.tables.items():
        for column in spec.columns:
            for code in column.excluded_codes if is_excluded else column.codes:
                yield code, f"{table}.{column.name}"
            for category in () if is_excluded else column.categories:
                for code in category.codes:
                    yield code, f"{table}.{column.name}={category.value}"
    for entry in () if is_excluded else known.definitions.definitions:
        for code in entry.codes:
            yield code, entry.name


def places(*systems: str, is_excluded: bool = False) -> dict[tuple[str, str], set[str]]:
    found = defaultdict(set)
    for code, place in coded(is_excluded=is_excluded):
        if code.system in systems:
            found[code.system, code.code].add(place)
    return dict(found)


def test_each_loinc_code_names_what_its_list_says():
    """Every LOINC code of the list is under its analyte or assay, and no other is anywhere."""
    expected = defaultdict(set)
    for place, codes in LOINC.items():
        for code in codes.split():
            expected["LOINC", code].add(place)

    assert places("LOINC") == expected


def test_each_hpo_term_names_what_its_list_says():
    """Every HPO term of the list stands where its meaning is, and no other stands anywhere."""
    expected = {("HPO", f"HP:{code}"): set(where.split()) for code, where in HPO.items()}

    assert places("HPO") == expected


def test_each_snomed_code_names_what_its_list_says():
    """Every SNOMED code of the list stands where its meaning is, and no other stands anywhere."""
    expected = {("SNOMED", code): set(where.split()) for code, where in SNOMED.items()}

    assert places("SNOMED") == expected


def test_each_rare_disease_code_names_what_its_list_says():
    """OMIM, Orphanet and MONDO: Felty, adult idiopathic and neonatal alloimmune neutropenia."""
    expected = {code: set(where.split()) for code, where in RARE.items()}

    assert places("OMIM", "ORPHA", "MONDO") == expected


def test_each_icd_code_names_what_its_list_says():
    """The WHO's ICD-10, and the American modification where only that has a code."""
    expected = {("ICD-10", code): {f"diagnoses.condition={name}"} for code, name in ICD.items()}
    expected |= {
        ("ICD-10", "K50"): {"diagnoses.subtype=crohn"},
        ("ICD-10", "K51"): {"diagnoses.subtype=ulcerative_colitis"},
        ("ICD-10-CM", "D89.82"): {"diagnoses.condition=alps"},
    }

    assert places("ICD-10", "ICD-10-CM") == expected


def test_a_code_that_was_not_read_in_its_own_list_says_so():
    """Only these codes are known second-hand or by heart; every other was read."""
    doubted = {(code.code, code.certainty) for code, _ in coded(is_excluded=False)}

    assert {pair for pair in doubted if pair[1] != "primary"} == {
        ("C91.1", "standard"), ("C88.0", "standard"), ("C81", "standard"), ("D83.9", "standard"),
        ("1572", "secondary"), ("HP:0002240", "secondary"), ("HP:0002716", "secondary"),
        ("77465005", "secondary"), ("29463-7", "secondary"),
    }  # fmt: skip


def test_each_drug_has_its_codes_and_no_drug_is_unlisted():
    """A present code is present, a former one former, and either finds the drug."""
    present, former = {}, {}
    for entry in ATC.split(","):
        name, codes = entry.strip().rsplit(" ", 1)
        present[name] = codes.split("/")
    for entry in RECODED.split(","):
        name, old, codes = entry.split()
        present[name], former[name] = codes.split("/"), [old]

    drugs = {drug.name: drug for drug in load().drugs}
    assert {name: [d.atc, *d.also_atc] for name, d in drugs.items()} == present
    assert {name: list(d.former_atc) for name, d in drugs.items() if d.former_atc} == former
    for name, codes in [*present.items(), *former.items()]:
        assert all(load().drug(code).name == name for code in codes)


@pytest.mark.parametrize(("drug_class", "names"), CLASSES.items())
def test_a_class_to_choose_by_has_all_its_drugs_and_no_other(drug_class, names):
    """Late onset and checkpoint inhibitors are asked by class; GM-CSF is not G-CSF."""
    assert {drug.name.split()[0] for drug in load().drugs_of(drug_class)} == set(names.split())


def test_a_class_of_drugs_that_nobody_knows_is_refused():
    """A slip would choose no drug, and everybody would be unexposed."""
    with pytest.raises(UsageError, match="Did you mean 'anti-CD20'"):
        load().drugs_of("anti-CD52", "anti-CD-20")


def test_every_drug_says_how_sure_its_codes_are():
    """All were read in the WHO's index; who adds one by heart has to say so."""
    assert {drug.certainty for drug in load().drugs} == {"primary"}


@pytest.mark.parametrize(
    ("system", "code", "place"),
    [
        ("OMOP", "3007670", "ANC"),  # "Neutrophil Ab", taken for the neutrophil count
        ("LOINC", "17351-8", "antibody_tests.assay"),  # ANCA, not against neutrophils' surface
        ("LOINC", "17353-4", "antibody_tests.assay"),
        ("LOINC", "17357-5", "antibody_tests.assay"),
        ("LOINC", "73902-9", "clonality.cd3_cd8_cd57_percent"),  # CD3-CD57+, NK-type
        ("LOINC", "3051-0", "FT3"),  # mass for molar
        ("LOINC", "14928-6", "FT3_MASS"),  # molar for mass
        ("LOINC", "3024-7", "FT4"),
        ("LOINC", "14920-3", "FT4_MASS"),
        ("LOINC", "8061-4", "ANA_TITRE"),  # presence for titre
        ("SNOMED", "425229001", "diagnoses.condition"),  # chemotherapy-induced
        ("ICD-10", "C91.7", "diagnoses.condition"),  # any other lymphoid leukaemia, not LGL alone
        ("ICD-10-CM", "C91.Z0", "diagnoses.condition"),
    ],
)
def test_a_trap_is_named_where_people_fall_into_it(system, code, place):
    """A code that has been met in a place where it is wrong is excluded there, with the reason."""
    excluded = [c for c, where in coded(is_excluded=True) if where == place and c.code == code]

    assert [c.system for c in excluded] == [system]
    assert excluded[0].note
    assert place not in places(system).get((system, code), set())


@pytest.mark.parametrize("code", ["17351-8", "17353-4", "17357-5"])
def test_anca_is_accepted_nowhere(code):
    """Antibodies against neutrophil cytoplasm are no antibodies against neutrophils."""
    assert ("LOINC", code) not in places("LOINC")


def test_the_neutrophil_antibody_concept_is_accepted_nowhere():
    """OMOP 3007670 can't be read as a count through this dictionary."""
    assert places("OMOP") == {}


@pytest.mark.parametrize(
    ("code", "place", "said"),
    [
        ("3051-0", "FT3_MASS", "loinc2hpo"),
        ("HP:0012235", "agranulocytosis", "47318007"),
        ("53856-1", "TRAB", "check"),
        ("HP:0001904", "primary_autoimmune", "ontology's own"),
    ],
)
def test_a_doubtful_code_says_what_to_beware_of(code, place, said):
    """Wrong mappings that others ship are told beside the code they concern."""
    notes = [c.note for c, where in coded(is_excluded=False) if (c.code, where) == (code, place)]

    assert len(notes) == 1
    assert said in notes[0]


def test_what_was_not_found_stays_uncoded():
    """MAIGA, LIFT, beads, TTM, NTMG, AN-SHP and LGL leukaemia: no code was found or made up."""
    uncoded = {
        "antibody_tests.assay": ["maiga", "lift", "beads"],
        "diagnoses.subtype": ["ttm", "ntmg", "an_shp"],
        "diagnoses.condition": ["t_lgl_leukaemia", "nk_lgl_leukaemia"],
    }
    used = {place for _, place in coded(is_excluded=False)}

    for column, values in uncoded.items():
        assert not {f"{column}={value}" for value in values} & used
    assert not {"CD19", "DNT_PCT", "CHIMERISM_T", "CHIMERISM_WB"} & used
