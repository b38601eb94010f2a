"""Every figure of three rebuilt studies of rheumatic disease, counted again from written files."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import median

import pytest
import rebuilt
from rebuilt import card, fisher, rows, who

from incohort.commands.reporting import demo_requests
from incohort.dictionary import study
from incohort.stats.margins import Crossed, extent, table_with
from incohort.stats.outcome import NoEstimate
from incohort.synthetic import brito_zeron2009, fragoulis2018, rajakulendran2006

LABS = {"labs.analyte", "labs.value", "labs.unit", "labs.comparator"}
DRUGS = {"medications.atc", "medications.drug", "medications.role"}
COLUMNS = {
    brito_zeron2009: LABS | {
        "patients.aetiology", "diagnoses.condition", "autoantibodies.antibody",
        "autoantibodies.result", "events.event", "events.detail",
    },
    rajakulendran2006: LABS | DRUGS | {
        "patients.sex", "diagnoses.condition", "autoantibodies.antibody", "autoantibodies.result",
        "labs.taken_at", "medications.started_on", "medications.stopped_on",
    },
    fragoulis2018: LABS | DRUGS | {
        "patients.index_date", "patients.followed_from", "patients.followed_until",
        "diagnoses.condition",
        "labs.taken_at", "medications.stop_reason", "events.event", "events.occurred_on",
    },
}  # fmt: skip
NAMES = {module: module.__name__.rpartition(".")[2] for module in COLUMNS}
B, R, F = NAMES.values()


def lab(name: str, analyte: str, comparator: str, value: str) -> set[str]:
    return who(name, "labs", analyte=analyte, comparator=comparator, value=value)


def chi2(table: list[list[int]]) -> float:
    """Pearson's statistic without a correction, by the formula."""
    n = sum(map(sum, table))
    columns = [sum(column) for column in zip(*table, strict=True)]
    expected = [[sum(row) * column / n for column in columns] for row in table]
    pairs = [
        (o, e)
        for seen, e_row in zip(table, expected, strict=True)
        for o, e in zip(seen, e_row, strict=True)
    ]
    return sum((o - e) ** 2 / e for o, e in pairs)


def odds_ratio(a: int, n1: int, c: int, n2: int) -> tuple[float, float, float]:
    """An odds ratio with Wald's 95 % limits."""
    b, d = n1 - a, n2 - c
    middle, half = math.log(a * d / (b * c)), 1.959964 * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


@pytest.mark.parametrize("module", COLUMNS, ids=NAMES.values())
def test_a_rebuilt_cohort_is_what_its_program_writes(module, tmp_path: Path):
    """The same bytes, no fault, nothing worth a look, no column of what was not printed."""
    rebuilt.holds(NAMES[module], COLUMNS[module], module.write, tmp_path)


@pytest.mark.parametrize("name", NAMES.values())
def test_what_is_held_is_printed(name):
    """Each key that is said to come out is in the study's register."""
    assert set(card(name)["held"]) <= {claim.key for claim in study(name).claims}


def test_the_demo_asks_them_what_their_studies_printed():
    """Two in the notebook of autoimmune disease, the third in that of late onset, on a drug."""
    shown = {(request.cohort, request.notebook) for request in demo_requests()}
    assert {pair for pair in shown if pair[0] in {B, R, F}} == {
        (B, "09_autoimmune_disease"), (F, "09_autoimmune_disease"), (R, "06_late_onset"),
    }  # fmt: skip


@pytest.mark.parametrize("module", COLUMNS, ids=NAMES.values())
def test_another_seed_changes_who_and_never_how_many(module, tmp_path: Path):
    """Every diagnosis, test and drug is somebody else's, and as frequent as before."""
    name = NAMES[module]
    module.write(tmp_path / name, seed=1)
    for table, columns in (
        ("diagnoses", ("condition",)), ("medications", ("drug",)), ("autoantibodies", ("result",)),
        ("events", ("event",)),
    ):  # fmt: skip
        before, after = rows(name, table), rows(name, table, tmp_path)
        counted = [
            Counter(tuple(row[column] for column in columns) for row in of)
            for of in (before, after)
        ]
        assert counted[0] == counted[1]
        assert before != after or not before or table == "diagnoses"


# ---------------------------------------------------------------- Brito-Zerón 2009
def groups_of_sjogren() -> tuple[set[str], set[str], set[str]]:
    """Idiopathic, known cause, never neutropenic."""
    everybody = who(B, "diagnoses", condition="sjogren")
    idiopathic, known = (who(B, "patients", aetiology=cause) for cause in ("unknown", "other"))
    return idiopathic, known, everybody - idiopathic - known


def marks_of_sjogren() -> dict[str, set[str]]:
    """Who has each mark that was compared."""
    return {
        "anti_ro_la": who(B, "autoantibodies", result="positive"),
        "rheumatoid_factor": lab(B, "RF", ">=", "20"),
        "low_c4": lab(B, "C4", "<", "0.1"),
        "admission": who(B, "events", event="hospitalisation", detail="infection"),
    }


def test_sjogren_has_the_printed_groups():
    """300 are 90, 9 and 201; below 2.5 are 99, agranulocytosis 7, T-LGL leukaemia 1 of the 90."""
    idiopathic, known, never = groups_of_sjogren()
    assert [len(group) for group in (idiopathic, known, never)] == [90, 9, 201]
    assert len(rows(B, "patients")) == 300
    low = lab(B, "ANC", "<", "2.5") | lab(B, "ANC", "<", "0.5")
    assert low == idiopathic | known
    assert lab(B, "ANC", ">=", "2.5") == never
    assert len(lab(B, "ANC", "<", "0.5")) == 7
    assert len(lab(B, "ANC", "<", "0.5") & known) == 5
    (ill,) = who(B, "diagnoses", condition="t_lgl_leukaemia")
    assert ill in idiopathic
    assert [f"{100 * n / 300:.0f}" for n in (99, 9, 90, 7)] == ["33", "3", "30", "2"]


@pytest.mark.parametrize(
    ("mark", "counts", "shares", "p_value"),
    [
        ("anti_ro_la", (48, 44), ("53", "22"), 2.7e-7),
        ("rheumatoid_factor", (44, 65), ("49", "32"), 0.0087),
        ("low_c4", (15, 17), ("17", "8"), 0.0443),
        ("admission", (22, 19), ("24", "9"), 0.0016),
    ],
)
def test_marks_of_sjogren_are_as_printed(mark, counts, shares, p_value):
    """Of the 90 against the 201: counts, printed shares, Fisher's P."""
    idiopathic, known, never = groups_of_sjogren()
    having = marks_of_sjogren()[mark]
    a, c = len(having & idiopathic), len(having & never)
    assert (a, c) == counts
    assert (f"{100 * a / 90:.0f}", f"{100 * c / 201:.0f}") == shares
    assert fisher(a, 90, c, 201) == pytest.approx(p_value, rel=0.02)
    assert not having & known


def test_the_nine_with_a_known_cause_have_no_mark():
    """Of the 9 nothing was printed but the cause: no antibody, RF, C4 or admission stands there."""
    _, known, _ = groups_of_sjogren()
    assert not known & who(B, "autoantibodies")
    assert not known & who(B, "events")
    assert {row["analyte"] for row in rows(B, "labs") if row["patient_id"] in known} == {"ANC"}


def test_margins_of_sjogren_can_be_one_table():
    """There is a table of whole numbers with the four margins; both of two marks are free in it."""
    levels = dict.fromkeys(("ro", "rf", "c4", "admitted"), (True, False))
    table = Crossed(levels)
    totals = [table.total(90), table.total(48, ro=True), table.total(44, rf=True)]
    totals += [table.total(15, c4=True), table.total(22, admitted=True)]
    possible = extent(table.where(ro=True, rf=True), totals)
    idiopathic, _, _ = groups_of_sjogren()
    marks = marks_of_sjogren()
    both = len(marks["anti_ro_la"] & marks["rheumatoid_factor"] & idiopathic)
    assert (possible.least, possible.most) == (48 + 44 - 90, 44)
    assert possible.least <= both <= possible.most


# ---------------------------------------------------------------- Rajakulendran 2006
def low_under_tnf() -> set[str]:
    """Whoever has a count below 2.0 after the first dose."""
    return {
        row["patient_id"]
        for row in rows(R, "labs")
        if row["taken_at"] > "2001-01-01" and not row["comparator"] and float(row["value"]) < 2.0
    }


def marks_under_tnf() -> dict[str, set[str]]:
    return {
        "female": who(R, "patients", sex="female"),
        **{drug: who(R, "medications", drug=drug) for drug in rajakulendran2006._TNF},
        "ana": who(R, "autoantibodies", antibody="ana", result="positive"),
        "no_ana": who(R, "autoantibodies", antibody="ana", result="negative"),
        "methotrexate": who(R, "medications", drug="methotrexate"),
        "prednisolone": who(R, "medications", drug="prednisolone"),
        "dmard": who(R, "diagnoses", condition="drug_induced_neutropenia"),
        "baseline_below_4": lab(R, "ANC", "<", "4.0"),
    }


def test_every_row_of_the_table_under_tnf_is_as_printed():
    """19 and 114: each margin of both columns; 4 of the 114 no named drug, 8 and 22 no ANA."""
    low, marks = low_under_tnf(), marks_under_tnf()
    found = {name: (len(having & low), len(having - low)) for name, having in marks.items()}
    assert (len(low), len(rows(R, "patients"))) == (19, 133)
    assert found == {
        "female": (16, 88), "adalimumab": (3, 18), "etanercept": (13, 72), "infliximab": (3, 20),
        "ana": (7, 58), "no_ana": (4, 34), "methotrexate": (5, 42), "prednisolone": (4, 49),
        "dmard": (11, 12), "baseline_below_4": (11, 13),
    }  # fmt: skip
    everybody = who(R, "patients")
    unnamed = who(R, "medications", role="suspect", atc="L04AB")
    assert who(R, "medications", role="suspect") == everybody
    assert (len(unnamed), len(unnamed & low)) == (4, 0)
    assert len(who(R, "patients", sex="male")) == 29
    assert len(lab(R, "ANC", ">=", "4.0")) == 8 + 101
    assert lab(R, "ANC", ">=", "2.0") == everybody - low


def test_tests_under_tnf_give_the_printed_statistics():
    """Pearson 0.47, 0.08 with 72, 0.0015, 0.79, 3.27, 25.5; OR 11.7 (3.9–34.7), 10.7 (3.6–31.4)."""
    low, marks = low_under_tnf(), marks_under_tnf()
    everybody = who(R, "patients")

    def two(having: set[str], other: set[str]) -> list[list[int]]:
        return [[len(of & low), len(of - low)] for of in (having, other)]

    drugs = [[len(marks[d] & low), len(marks[d] - low)] for d in rajakulendran2006._TNF]
    statistics = {
        "sex": chi2(two(marks["female"], everybody - marks["female"])),
        "drug": chi2(drugs),
        "ana": chi2(two(marks["ana"], marks["no_ana"])),
        **{
            name: chi2(two(marks[name], everybody - marks[name]))
            for name in ("methotrexate", "prednisolone", "dmard")
        },
    }
    assert {name: round(value, 4) for name, value in statistics.items()} == {
        "sex": 0.4704, "drug": 0.0769, "ana": 0.0015, "methotrexate": 0.7897,
        "prednisolone": 3.2675, "dmard": 25.5486,
    }  # fmt: skip
    for name, printed in (("dmard", (11.7, 3.9, 34.7)), ("baseline_below_4", (10.7, 3.6, 31.4))):
        ours = odds_ratio(len(marks[name] & low), 19, len(marks[name] - low), 114)
        # the upper limit of the first is 34.749, which prints as 34.7
        assert tuple(round(value, 1) for value in ours) == printed


def test_low_counts_and_onsets_under_tnf_are_as_printed():
    """1.02 to 1.94, 8 of 19 below 1.5, onset 7 to 791 d with median 91; 3 stopped that day."""
    first = date(2001, 1, 1)
    found = {
        row["patient_id"]: (float(row["value"]), (date.fromisoformat(row["taken_at"]) - first).days)
        for row in rows(R, "labs")
        if not row["comparator"]
    }
    counts, onsets = zip(*found.values(), strict=True)
    assert len(found) == 19
    assert (min(counts), max(counts), sum(count < 1.5 for count in counts)) == (1.02, 1.94, 8)
    assert (min(onsets), median(onsets), max(onsets)) == (7, 91, 791)
    stopped = {
        row["patient_id"]: row["stopped_on"] for row in rows(R, "medications") if row["stopped_on"]
    }
    assert len(stopped) == 3
    assert all(
        (date.fromisoformat(day) - first).days == found[patient][1]
        for patient, day in stopped.items()
    )


def test_margins_under_tnf_can_be_one_table_only_with_four_of_no_drug():
    """With 72 given etanercept and 4 without a drug the 114 add up, without the four they don't."""
    drugs = {"adalimumab": 18, "etanercept": 72, "infliximab": 20}
    for n_none, is_possible in ((4, True), (0, False)):
        table = Crossed({"drug": (*drugs, "none"), "dmard": (True, False), "low": (True, False)})
        totals = [table.total(114), *table.margins(drug=drugs | {"none": n_none})]
        totals += [table.total(12, dmard=True), table.total(13, low=True)]
        assert isinstance(table_with(totals), NoEstimate) != is_possible


def test_low_before_and_earlier_neutropenia_lie_between_their_bounds():
    """3 to 11 of the 19 had both a count below 4.0 before and neutropenia under an earlier drug."""
    table = Crossed({"dmard": (True, False), "low": (True, False)})
    known = [table.total(19), table.total(11, dmard=True), table.total(11, low=True)]
    possible = extent(table.where(dmard=True, low=True), known)
    marks = marks_under_tnf()
    both = len(marks["dmard"] & marks["baseline_below_4"] & low_under_tnf())
    assert (possible.least, possible.most) == (3, 11)
    assert possible.least <= both <= possible.most


# ---------------------------------------------------------------- Fragoulis 2018
def lowest_in_early_ra() -> dict[str, float]:
    """The lowest count of whoever ever had one below 2.0."""
    found: dict[str, float] = {}
    for row in rows(F, "labs"):
        if row["analyte"] == "ANC" and not row["comparator"]:
            patient, value = row["patient_id"], float(row["value"])
            found[patient] = min(value, found.get(patient, value))
    return found


def test_early_ra_has_the_printed_grades_and_episodes():
    """58 of 771; 42, 14, 1 and 1; 77 episodes, a normal count between any two; 44 have one."""
    lowest = lowest_in_early_ra()
    assert (len(lowest), len(rows(F, "patients"))) == (58, 771)
    limits = ((1.5, 2.0), (1.0, 1.5), (0.5, 1.0), (0.0, 0.5))
    grades = [sum(low <= count < high for count in lowest.values()) for low, high in limits]
    assert grades == [42, 14, 1, 1]
    series: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in rows(F, "labs"):
        if row["analyte"] == "ANC":
            series[row["patient_id"]].append((row["taken_at"], not row["comparator"]))
    episodes = Counter()
    for patient, counts in series.items():
        was_low = False
        for _, is_low in sorted(counts):
            episodes[patient] += is_low and not was_low
            was_low = is_low
    assert sum(episodes.values()) == 77
    index = {row["patient_id"]: row["index_date"] for row in rows(F, "patients")}
    assert all(min(day for day, is_low in series[p] if is_low) == index[p] for p in lowest)
    assert list(episodes.values()).count(1) == 44
    assert len([patient for patient, n in episodes.items() if n > 1]) == 14
    assert (f"{100 * 58 / 771:.1f}", len(series)) == ("7.5", 771)


@pytest.mark.parametrize(
    ("analyte", "limit", "counts"),
    [
        ("HB", "12", (25, 210)), ("PLT", "150", (1, 5)), ("WBC", "4", (41, 23)),
        ("LYMPH", "1", (13, 98)),
    ],
)  # fmt: skip
def test_counts_in_early_ra_are_as_printed(analyte, limit, counts):
    """Of the 58 and of the other 713; everybody is on one side of the limit."""
    low = set(lowest_in_early_ra())
    having = lab(F, analyte, "<", limit)
    assert (len(having & low), len(having - low)) == counts
    assert who(F, "labs", analyte=analyte) == who(F, "patients")
    assert len([row for row in rows(F, "labs") if row["analyte"] == analyte]) == 771


def test_drugs_in_early_ra_are_as_printed():
    """Of the 58 and of 667 others; 46 have no drug, all others one at least; 14 of 58 stopped."""
    low = set(lowest_in_early_ra())
    drugs = {row["drug"] for row in rows(F, "medications")}
    found = {}
    for drug in drugs:
        taking = who(F, "medications", drug=drug)
        found[drug] = (len(taking & low), len(taking - low))
    assert found == {
        "methotrexate": (52, 590), "sulfasalazine": (33, 342), "hydroxychloroquine": (31, 345),
        "leflunomide": (3, 43), "azathioprine": (1, 3), "prednisone": (4, 67),
        "intramuscular corticosteroid": (48, 573), "TNF inhibitor": (5, 30), "abatacept": (0, 3),
        "tocilizumab": (0, 11), "rituximab": (0, 10),
    }  # fmt: skip
    taking = who(F, "medications")
    assert (len(taking & low), len(taking - low)) == (58, 667)
    stopped = who(F, "medications", stop_reason="neutropenia")
    assert (len(stopped), stopped <= low) == (14, True)


@pytest.mark.parametrize(
    ("claim", "printed"),
    [
        ("anaemia", (25, 58, 210, 713, 0.0373)), ("platelets", (1, 58, 5, 713, 0.37552)),
        ("lymphocytes", (13, 58, 98, 713, 0.0798)), ("sulfasalazine", (33, 58, 342, 667, 0.4937)),
        ("azathioprine", (1, 58, 3, 667, 0.2841)), ("im_steroid", (48, 58, 573, 667, 0.5567)),
        ("tnf_inhibitor", (5, 58, 30, 667, 0.18948)),
    ],
)  # fmt: skip
def test_fisher_of_the_printed_counts(claim, printed):
    """P of the counts above: two of the printed ones, .281 and .559, are others."""
    a, n1, c, n2, p_value = printed
    assert fisher(a, n1, c, n2) == pytest.approx(p_value, abs=5e-5)
    (told,) = (c.value for c in study(F).claims if c.key.endswith(f"{claim}/p_value"))
    is_other = abs(told - p_value) > 0.0006 and claim not in {"anaemia", "lymphocytes"}
    assert is_other == (claim in {"azathioprine", "im_steroid"})


def test_infections_in_early_ra_have_the_printed_rates():
    """6 in 1,352 and 55 in 14,182 months: 4.438 and 3.878 per 1,000, cut where printed."""
    low = set(lowest_in_early_ra())
    followed = {
        row["patient_id"]: (
            date.fromisoformat(row["followed_until"]) - date.fromisoformat(row["followed_from"])
        ).days
        for row in rows(F, "patients")
    }
    ends = {row["patient_id"]: row["followed_until"] for row in rows(F, "patients")}
    assert all(row["occurred_on"] <= ends[row["patient_id"]] for row in rows(F, "events"))
    assert all(183 <= days <= 1461 for days in followed.values())
    for members, events, months, rate in (
        (low, 6, 1352, 4.438),
        (followed.keys() - low, 55, 14182, 3.878),
    ):
        infected = [row for row in rows(F, "events") if row["patient_id"] in members]
        time = sum(followed[patient] for patient in members) / 30.4375
        assert {row["event"] for row in infected} == {"infection"}
        assert (len(infected), round(time)) == (events, months)
        assert round(1000 * len(infected) / time, 3) == rate
    assert card(F)["collected"] == ["infections"]
