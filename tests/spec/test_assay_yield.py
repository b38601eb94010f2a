"""Antibody assays compared: published tables again, and hand-made ones for every rule."""

from __future__ import annotations

import csv
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from incohort.analyses.assay_yield.study import AssayYield
from incohort.claims import Reason, VerdictKind, VerdictOrigin, judge
from incohort.cohort import open_cohort, pairing
from incohort.dictionary import costs_in, study
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.errors import CohortFaultsError, UsageError
from incohort.reports.fragment import findings_html
from incohort.results import Estimate, Findings, NotEstimable, Suppressed

STUDIES = (
    "jinca2021", "kyritsi2015", "flow_wift2015", "porretti2018", "lane2009", "taniuchi2002",
    "hong_kong2021",
)  # fmt: skip
PARTS = (
    "design", "yields", "pairs", "order", "repeats", "accuracy", "readings", "indeterminates",
    "consequences", "answer", "reporting",
)  # fmt: skip
cohort = cache(open_cohort)


def findings_of(place: str, **asked) -> list[Findings]:
    """All that the notebook shows."""
    study_of = AssayYield(cohort(place), **asked)
    return [getattr(study_of, part)() for part in PARTS]


def results_of(place: str, **asked) -> dict:
    """All results of the notebook, under their keys without the prefix."""
    return {
        key.removeprefix("assay_yield/"): result
        for found in findings_of(place, **asked)
        for key, result in found.by_key.items()
    }


def table(place: Path, rows: str, privacy: str = "public", **more: list[dict]) -> str:
    """A cohort of the tests in an ASCII table: patient, sample, day, assay, result, and more."""
    head, *lines = [line.split() for line in rows.strip().splitlines()]
    tests = [dict(zip(head, line, strict=True)) for line in lines]
    tests = [{name: "" if v == "." else v for name, v in row.items()} for row in tests]
    named = {row["patient_id"] for row in tests}
    tables = {"antibody_tests": tests, "patients": [{"patient_id": p} for p in sorted(named)]}
    place.mkdir()
    for name, records in (tables | more).items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, records[0])
            writer.writeheader()
            writer.writerows(records)
    card = {"name": place.name, "title": "T", "incohort": {"privacy": privacy}, "resources": []}
    (place / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    return str(place)


def fraction(result: Estimate) -> tuple[int, int]:
    """Events and denominator of a share."""
    return result.events, result.n


# ---------------------------------------------------------------- what was published


@pytest.mark.parametrize("name", STUDIES)
def test_each_rebuilt_study_gives_its_printed_figures(name):
    """Every printed figure comes out, but for the P of Hong Kong, which its counts don't give."""
    results = {f"assay_yield/{key}": value for key, value in results_of(name).items()}
    own = [
        verdict
        for verdict in judge(results, study(name), cohort(name).card)
        if verdict.claim_key.startswith("assay_yield/")
    ]
    kinds = Counter(verdict.verdict for verdict in own)
    missed = [v for v in own if v.verdict is VerdictKind.NOT_REPRODUCED]
    failed = {v.claim_key for v in missed if v.reason is Reason.ANOTHER_TEST}

    agreeing = kinds[VerdictKind.REPRODUCED] + kinds[VerdictKind.AGREES_WITH_ITSELF]
    assert agreeing + len(failed) == len(own) > 0
    quoted = {v.verdict for v in own if v.origin is VerdictOrigin.QUOTED}
    assert quoted == {VerdictKind.AGREES_WITH_ITSELF}
    expected = {"assay_yield/events/infection/fisher_p_value"} if name == "hong_kong2021" else set()
    assert failed == expected


def test_jinca_gift_against_gat():
    """11 of 18 against 3 of 18; McNemar 2/2⁸ = 0.0078; κ 0.226; GAT adds nobody after GIFT."""
    results = results_of("jinca2021")

    assert fraction(results["positive/gift/proportion"]) == (11, 18)
    assert fraction(results["positive/gat/proportion"]) == (3, 18)
    assert results["pair/gift_gat/mcnemar_exact_p_value"].value == pytest.approx(2 / 2**8)
    agreed, chance = 10 / 18, (11 * 3 + 7 * 15) / 18**2
    kappa = (agreed - chance) / (1 - chance)
    assert results["pair/gift_gat/kappa"].value == pytest.approx(kappa)
    assert f"{kappa:.3f}" == "0.226"
    assert fraction(results["incremental/gat/proportion"]) == (0, 18)
    assert results["smallest_panel/gift/member"].value == 1
    assert results["smallest_panel/gat/member"].value == 0


def test_flow_adds_37_samples_of_333():
    """κ is 0.68; flow finds 37 that GIFT or GAT misses; MAIGA and beads stay out of the panel."""
    results = results_of("flow_wift2015")

    assert f"{results['pair/gift_gat_flow_wift/kappa'].value:.3f}" == "0.682"
    assert fraction(results["incremental/flow_wift/proportion"]) == (37, 333)
    assert fraction(results["cumulative/flow_wift/proportion"]) == (114, 333)
    assert "incremental/maiga/proportion" not in results
    assert results["pair/maiga_beads/n/count"].value == 114


def test_kyritsi_says_what_it_assumes_and_what_could_be_without_it():
    """16, 4 and 0 of 43; that GAT adds nobody is an assumption: without it up to 27 of 43."""
    found = findings_of("kyritsi2015")
    results = {k: r for f in found for k, r in f.by_key.items()}

    def of(tail):
        return results[f"assay_yield/{tail}"]

    counts = [fraction(of(f"positive/{a}/proportion")) for a in ("gift", "gat", "lift")]
    assert counts == [(16, 43), (4, 43), (0, 43)]
    for tail in ("pair/gift_gat/only_gat/count", "incremental/gat/proportion"):
        assert of(tail).value == 0
        assert "27 GIFT-negative patients were GAT-negative" in " ".join(of(tail).notes)
    assert "GAT-negative" in " ".join(found[PARTS.index("pairs")].layout.cautions)
    assert fraction(of("pair/gift_gat/unassumed/incremental/proportion")) == (27, 43)
    # all 27 positive by GAT: agreed 4/43, by chance (16·31 + 27·12)/43²
    chance = (16 * 31 + 27 * 12) / 43**2
    lowest = (4 / 43 - chance) / (1 - chance)
    assert of("pair/gift_gat/unassumed/kappa_lowest").value == pytest.approx(lowest)
    assert of("pair/gift_gat/unassumed/kappa_highest").value == of("pair/gift_gat/kappa").value
    assert not of("positive/lift/proportion").notes


def test_an_assay_negative_throughout_gives_no_kappa():
    """LIFT was negative in all 43: kappa is 0 whatever GIFT finds, so none is given."""
    results = results_of("kyritsi2015")

    assert isinstance(results["pair/gift_lift/kappa"], NotEstimable)
    assert "same result throughout" in results["pair/gift_lift/kappa"].reason
    assert results["pair/gift_lift/agreement"].events == 27


def test_porretti_repeats():
    """Of 44 negative once 12 turn positive at the second test, 2 of 32 at the third: 14 of 44."""
    results = results_of("porretti2018")

    assert fraction(results["repeats/1/proportion"]) == (0, 44)
    assert fraction(results["repeats/2/proportion"]) == (12, 44)
    assert fraction(results["repeats/3/proportion"]) == (2, 32)
    assert results["repeats/3/cumulative/proportion"].value == pytest.approx(14 / 44)


def test_taniuchi_is_flagged_for_incorporation():
    """Direct GIFT found 18 of 18 whose diagnosis antibodies had made: no sensitivity, it says."""
    (found,) = (f for f in findings_of("taniuchi2002") if f.name == "assay_yield/accuracy")

    assert any("antibodies made the diagnosis" in caution for caution in found.layout.cautions)


def test_lane_has_three_failed_tests_that_are_never_dropped_in_silence():
    """76 tested, 3 indeterminate; without them 24 of 73 are positive, as positive 27 of 76."""
    results = results_of("lane2009")

    assert results["tests/bmift/indeterminate/count"].value == 3
    shares = [
        fraction(results[f"indeterminates/{rule}/bmift/proportion"])
        for rule in ("excluded", "as_negative", "as_positive")
    ]
    assert shares == [(24, 73), (24, 76), (27, 76)]
    assert results["flow/conclusive/excluded/count"].value == 3


# ---------------------------------------------------------------- windows, repeats, contradictions

WINDOW = """
    patient_id sample_id taken_on    assay result
    A          A1        2020-01-01  gift  negative
    A          A2        2020-01-31  gat   positive
    B          B1        2020-01-01  gift  positive
    B          B2        2020-02-01  gat   negative
    C          C1        2020-05-01  gift  negative
    C          C2        .           gat   positive
    D          D1        2020-06-01  gat   negative
"""


@pytest.mark.parametrize(
    ("days", "tested_by_both"),
    [(None, {"A", "B", "C"}), (30, {"A", "C"}), (31, {"A", "B", "C"}), (0, {"C"})],
)
def test_a_window_of_days_lets_in_the_day_itself(tmp_path, days, tested_by_both):
    """31 January is 30 days after the first, 1 February 31; an undated result is of the day."""
    tests = cohort(table(tmp_path / f"w{days}", WINDOW)).tables["antibody_tests"]
    samples = pairing.on_samples(tests, ["gift", "gat"])
    frame = pairing.execute(
        pairing.paired(samples, ["gift", "gat"], unit="patient", index="gift", window_days=days),
        ["gift", "gat"],
    )
    both = frame[frame["assay_gift"].notna() & frame["assay_gat"].notna()]

    assert set(both["patient_id"]) == tested_by_both
    assert set(frame["patient_id"]) == {"A", "B", "C", "D"}


def test_per_sample_only_one_sample_is_a_pair(tmp_path):
    """Two assays on two samples of one patient are no pair, and that is said, not estimated."""
    results = results_of(table(tmp_path / "s", WINDOW), unit="sample")

    assert results["pair/gift_gat/n/count"].value == 0
    reason = results["pair/gift_gat/kappa"].reason
    assert reason == "GIFT and GAT never both gave a result on the same sample"
    assert fraction(results["positive/gift/proportion"]) == (1, 3)
    assert fraction(results["positive/gat/proportion"]) == (2, 4)


CONTRADICTION = """
    patient_id sample_id assay     direct result
    A          A1        flow_wift true   positive
    A          A1        flow_wift false  negative
    A          A1        gat       false  positive
    B          B1        flow_wift true   positive
    B          B1        flow_wift false  positive
    B          B1        gat       false  negative
    C          C1        flow_wift true   positive
    C          C1        flow_wift false  negative
    C          C2        flow_wift false  negative
    C          C1        gat       false  negative
"""


def test_results_that_contradict_each_other_are_told_and_count_as_indeterminate(tmp_path):
    """A's one sample says both, so A is indeterminate; B's two agree; C's second sample decides."""
    results = results_of(table(tmp_path / "c", CONTRADICTION))

    assert results["tests/contradictory/count"].value == 2  # A and C
    assert results["tests/repeated/count"].value == 3
    assert results["tests/flow_wift/indeterminate/count"].value == 1
    assert fraction(results["positive/flow_wift/proportion"]) == (1, 2)
    assert fraction(results["indeterminates/as_positive/flow_wift/proportion"]) == (2, 3)
    assert fraction(results["indeterminates/as_negative/flow_wift/proportion"]) == (1, 3)


REPEATS = """
    patient_id sample_id taken_on    assay result
    A          S9        2020-01-01  gift  negative
    A          S10       2020-01-05  gift  indeterminate
    A          S11       2020-02-01  gift  positive
    B          S2        .           gift  negative
    B          S10       .           gift  positive
    C          S1        2021-01-01  gift  positive
    C          S2        2020-01-01  gift  negative
    D          S1        2020-01-01  gift  positive
    D          S2        2020-03-01  gift  negative
    E          S1        2020-01-01  gift  not_done
"""


def test_repeats_are_numbered_by_date_and_an_indeterminate_is_none(tmp_path):
    """A, B and C turn positive at their second test, D at the first; E was never tested."""
    results = results_of(table(tmp_path / "r", REPEATS))

    assert fraction(results["repeats/1/proportion"]) == (1, 4)
    assert fraction(results["repeats/2/proportion"]) == (3, 3)
    assert "repeats/3/proportion" not in results


def test_the_panel_leaves_out_an_assay_that_few_had(tmp_path):
    """MAIGA only confirmed 1 of 3: 2 have no result of it, so it can't add to the yield of 3."""
    rows = """
        patient_id assay result
        A          gift  positive
        A          maiga positive
        B          gift  negative
        B          gat   positive
        C          gift  negative
        C          gat   negative
        A          gat   negative
    """
    results = results_of(table(tmp_path / "p", rows))

    assert fraction(results["incremental/gift/proportion"]) == (1, 3)
    assert fraction(results["incremental/gat/proportion"]) == (1, 3)
    assert "incremental/maiga/proportion" not in results
    assert fraction(results["negative/gift/missed/proportion"]) == (1, 2)
    assert results["overlap/gift_only/count"].value == 1
    assert results["overlap/none/count"].value == 1


# ---------------------------------------------------------------- readings, antigens, costs


def test_titres_are_compared_as_far_as_their_bounds_decide(tmp_path):
    """16 is above 8; below 4 is below 4; 8 equals 8; two bounds decide nothing."""
    rows = """
        patient_id assay result   titre
        A          gift  positive 1:16
        A          gat   positive 1:8
        B          gift  negative <1:4
        B          gat   positive 1:4
        C          gift  positive 1:8
        C          gat   positive 1:8
        D          gift  negative <1:4
        D          gat   negative <1:4
    """
    results = results_of(table(tmp_path / "t", rows))
    tail = "titres/gift_gat"
    counts = {
        name: results[f"{tail}/{name}/count"].value
        for name in ("first_higher", "second_higher", "equal", "undecided")
    }

    assert counts == {"first_higher": 1, "second_higher": 1, "equal": 1, "undecided": 1}
    assert "only a bound" in results[f"{tail}/bias"].reason


def test_the_area_under_the_curve_counts_pairs_in_order(tmp_path):
    """Immune 3, 4 and 2, the others 1 and 3: of six pairs 4½ are in order, so the area is 0.75."""
    rows = """
        patient_id assay result   reading
        A          gift  positive 3
        B          gift  positive 4
        C          gift  negative 2
        D          gift  negative 1
        E          gift  positive 3
    """
    causes = [
        {"patient_id": p, "aetiology": "primary_autoimmune" if p in "ABC" else "congenital"}
        for p in "ABCDE"
    ]
    results = results_of(table(tmp_path / "roc", rows, patients=causes), specificity=1.0)

    assert results["roc/gift/area"].value == pytest.approx(4.5 / 6)
    assert results["roc/gift/cut_off"].value == 3
    assert results["roc/gift/sensitivity"].value == pytest.approx(1 / 3)
    assert fraction(results["accuracy/gift/sensitivity"]) == (2, 3)
    assert fraction(results["accuracy/gift/specificity"]) == (1, 2)


def test_an_antigen_that_an_assay_can_miss_explains_its_miss(tmp_path):
    """GIFT misses A, with antibodies against HNA-3a by its old name, and B for no such reason.

    Of C no antigen is named, and of D one of which nothing is stated: that is no *no*.
    """
    rows = """
        patient_id assay result   specificity
        A          gift  negative .
        A          gat   positive 5b
        B          gift  negative .
        B          gat   positive HNA-1a;HLA
        C          gift  negative .
        C          gat   positive .
        D          gift  negative .
        D          gat   positive HNA-4a
    """
    results = results_of(table(tmp_path / "a", rows))

    assert fraction(results["discordance/gift/explained/proportion"]) == (1, 2)
    assert results["discordance/gift/not_recorded/count"].value == 2
    assert fraction(results["antigens/hna_3a/proportion"]) == (1, 3)
    assert fraction(results["antigens/other/proportion"]) == (1, 3)


def test_without_named_antigens_nothing_is_asked_of_them():
    """The flow series names no antigen: no 0 of 37, but a line; the mixed cohort 16 of 21."""
    results = results_of("flow_wift2015")

    assert {
        result.reason for key, result in results.items() if key.startswith(("discord", "antigens"))
    } == {"no antigen is named in this cohort"}
    mixed = results_of("mixed_synthetic")
    assert fraction(mixed["discordance/gat/explained/proportion"]) == (16, 21)
    assert mixed["discordance/gat/not_recorded/count"].value == 44 - 21


def test_costs_of_one_more_positive():
    """18 children by GIFT at 30 find 11: 18·30/11 each; GAT then finds nobody, at any cost."""
    results = results_of("jinca2021", costs="gift=30, gat=20")

    assert results["costs/gift/per_extra_positive"].value == pytest.approx(18 * 30 / 11)
    assert "nobody more" in results["costs/gat/per_extra_positive"].reason
    left_out = results_of("jinca2021", costs="gift=30")
    assert left_out["costs/gift/per_extra_positive"].reason == "no cost is given for GAT"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gift:30", "assay=number"),
        ("gift=-1", "assay=number"),
        ("gift=inf", "assay=number"),
        ("gift=", "assay=number"),
        ("gift", "assay=number"),
        ("gift=30,5", "decimals with a point"),
        ("gitf=3", "gift"),
        ("gift=3, gift=4", "given twice"),
    ],
)
def test_costs_that_can_not_be_read_are_refused(text, said):
    """A user who mistypes a cost reads how costs are written."""
    with pytest.raises(UsageError, match=said):
        costs_in(text, ["gift", "gat"])


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "rows",
    [
        "patient_id assay result titre\nA gift positive 1:x",
        "patient_id assay result titre\nA gift positive strong",
        "patient_id assay result\nA gfit positive",
    ],
)
def test_the_door_refuses_what_it_does_not_know(tmp_path, rows):
    """A titre without a number, or an assay that is not in the dictionary, comes in nowhere."""
    with pytest.raises(CohortFaultsError):
        open_cohort(table(tmp_path / "bad", rows))


def grid(first: str, second: str = "") -> str:
    """Patients with these results, + or −, by GIFT and, where given, by GAT."""
    word = {"+": "positive", "-": "negative"}
    lines = ["patient_id assay result"]
    lines += [f"P{i} gift {word[sign]}" for i, sign in enumerate(first)]
    lines += [f"P{i} gat {word[sign]}" for i, sign in enumerate(second)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("rows", "key", "reason"),
    [
        (grid("+--"), "several/cochran_q_p_value", "one assay has nothing to be compared with"),
        (grid("---", "---"), "pair/gift_gat/mcnemar_exact_p_value", "never disagreed"),
        (grid("---", "---"), "pair/gift_gat/kappa", "same one result throughout"),
        (grid("---", "+++"), "pair/gift_gat/kappa", "each assay gave one result"),
        (grid("+--", "---"), "pair/gift_gat/kappa", "0 by its formula"),
        (grid("---", "---"), "smallest_panel/kept", "no assay found anybody"),
        (grid("+--", "+--"), "pair/gift_gat/odds_ratio", "never disagreed"),
        (grid("+--", "+--"), "several/cochran_q_p_value", "all assays gave the same result"),
        (grid("+--", "+--"), "latent/prevalence", "two in two populations"),
    ],
)
def test_degenerate_tables_say_what_they_are(tmp_path, rows, key, reason):
    """One assay only, all negative, all concordant: a reason stands where no number can."""
    found = results_of(table(tmp_path / "d", rows))[key]

    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_what_can_still_be_estimated_is(tmp_path):
    """All negative: 0 of 3 each, agreement 3 of 3; all concordant: kappa is 1."""
    negative = results_of(table(tmp_path / "n", grid("---", "---")))
    same = results_of(table(tmp_path / "s", grid("+--", "+--")))

    assert fraction(negative["positive/gift/proportion"]) == (0, 3)
    assert fraction(negative["pair/gift_gat/agreement"]) == (3, 3)
    assert same["pair/gift_gat/kappa"].value == 1.0


def test_a_reference_that_is_the_assay_itself_judges_nothing():
    """GIFT held against GIFT would be right by definition; GAT against it has 3 of 11."""
    results = results_of("jinca2021", reference="gift")

    assert "reference itself" in results["accuracy/gift/sensitivity"].reason
    assert fraction(results["accuracy/gat/sensitivity"]) == (3, 11)
    assert fraction(results["accuracy/gat/specificity"]) == (7, 7)


# ---------------------------------------------------------------- disclosure


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_a_restricted_cohort_shows_no_small_count(tmp_path, profile):
    """Of 40 patients 3 are found by GAT alone: no count, share or difference tells of the three."""
    rows = grid("+" * 17 + "-" * 23, "+" * 14 + "-" * 3 + "+" * 3 + "-" * 20)
    place = table(tmp_path / "own", rows, privacy="restricted")
    ledger, limit = Ledger(), PROFILES[profile].limit
    shown = {}
    for found in findings_of(place):
        shown |= gate(found, PROFILES[profile], ledger).by_key
    assert isinstance(shown["assay_yield/pair/gift_gat/only_gat/count"], Suppressed)
    assert isinstance(shown["assay_yield/incremental/gat/proportion"], Suppressed)
    for result in shown.values():
        if isinstance(result, Estimate) and result.n is not None:
            assert result.n > limit
            if result.events is not None:
                assert min(result.events, result.n - result.events) > limit


def test_samples_of_few_patients_are_few(tmp_path):
    """Twenty positive samples of two patients are two persons to the gate, not twenty."""
    lines = ["patient_id sample_id assay result"]
    lines += [f"P{i % 2} S{i} gift positive" for i in range(20)]
    lines += [f"Q{i} T{i} gift negative" for i in range(30)]
    place = table(tmp_path / "few", "\n".join(lines), privacy="restricted")
    (found,) = (f for f in findings_of(place, unit="sample") if f.name == "assay_yield/positive")
    share = found.by_key["assay_yield/positive/gift/proportion"]

    assert fraction(share) == (20, 50)
    shown = gate(found, PROFILES["darwin"], Ledger()).by_key
    assert isinstance(shown["assay_yield/positive/gift/proportion"], Suppressed)


@pytest.mark.parametrize("reference", ["aetiology", "none", "gift"])
def test_each_stard_item_leads_to_what_it_names(reference):
    """A reader comes from an item to its table or diagram; only the baseline is elsewhere."""
    shown = findings_of("jinca2021", reference=reference)
    page = "".join(map(findings_html, shown))
    (stard,) = (t for f in shown for t in f.layout.tables if t.key == "assay_yield/stard/table")
    named = [row.cells[1] for row in stard.rows if row.cells[1].text]

    assert [cell.text for cell in named if not cell.target] == ["Notebook 01"]
    for cell in named:
        if cell.target:
            assert f'<a href="#{cell.target}">{cell.text}</a>' in page
            assert page.count(f' id="{cell.target}"') == 1
