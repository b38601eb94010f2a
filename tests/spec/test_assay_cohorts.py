"""Every figure of the assay comparisons, counted again from the written files by plain loops."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter, defaultdict
from pathlib import Path

import frictionless
import pytest

from incohort import cli
from incohort.dictionary import bundled, study
from incohort.errors import ExitCode
from incohort.synthetic import assay_studies

COHORTS = bundled("data_dictionary") / "cohorts"
NAMES = (
    "flow_wift2015", "hong_kong2021", "jinca2021", "lane2009", "porretti2018", "taniuchi2002",
)  # fmt: skip
COMPARED = {"gift": "gat", "gift_gat": "flow_wift", "maiga": "beads"}
Y = "assay_yield"
each = pytest.mark.parametrize("name", NAMES)


def rows(name: str, table: str) -> list[dict[str, str]]:
    path = COHORTS / name / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def card(name: str) -> dict:
    return json.loads((COHORTS / name / "datapackage.json").read_text(encoding="utf-8"))["incohort"]


def statuses(name: str) -> dict[str, dict[str, str]]:
    """Each assay's patients, positive where any of their samples was."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows(name, "antibody_tests"):
        of_assay = found[row["assay"]]
        if of_assay.get(row["patient_id"]) != "positive":
            of_assay[row["patient_id"]] = row["result"]
    return found


def fourfold(name: str, first: str, second: str) -> tuple[int, int, int, int]:
    """Both, only the first, only the second, neither positive; of those with both assays."""
    one, other = statuses(name)[first], statuses(name)[second]
    cells = Counter((one[p] == "positive", other[p] == "positive") for p in one if p in other)
    return tuple(
        cells[found] for found in ((True, True), (True, False), (False, True), (False, False))
    )


def kappa(a: int, b: int, c: int, d: int) -> float:
    """Agreement beyond what the two margins give by chance."""
    n = a + b + c + d
    chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return ((a + d) / n - chance) / (1 - chance)


def exact_mcnemar(b: int, c: int) -> float:
    """Twice the binomial tail of the rarer of two kinds of discordant pair."""
    return min(1.0, 2 * sum(math.comb(b + c, i) for i in range(min(b, c) + 1)) / 2 ** (b + c))


def fisher(a: int, n1: int, c: int, n2: int) -> float:
    """All tables with these margins that are no likelier than this one."""
    ways = {
        i: math.comb(n1, i) * math.comb(n2, a + c - i)
        for i in range(max(0, a + c - n2), min(n1, a + c) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[a]) / math.comb(n1 + n2, a + c)


def share(events: int, n: int) -> dict[str, float]:
    """A share with Wilson's 95 % limits, by the formula."""
    z = 1.959963984540054
    middle = (events + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(events * (n - events) / n + z * z / 4)
    low, high = middle - half, middle + half
    return {"value": events / n, "events": events, "n": n, "ci_low": low, "ci_high": high}


def recounted(name: str) -> dict[tuple[str, str], float]:
    """Everything that is said of a cohort, under the key and part of the figure that says it."""
    found: dict[str, dict[str, float]] = {}
    by_assay = statuses(name)
    for assay, status in by_assay.items():
        told = [result for result in status.values() if result in {"positive", "negative"}]
        found[f"positive/{assay}/proportion"] = share(told.count("positive"), len(told))
    for first, second in COMPARED.items():
        if {first, second} <= by_assay.keys():
            a, b, c, d = cells = fourfold(name, first, second)
            pair = f"pair/{first}_{second}"
            found[f"{pair}/both/count"] = {"value": a}
            found[f"{pair}/only_{first}/count"] = {"value": b}
            found[f"{pair}/only_{second}/count"] = {"value": c}
            found[f"{pair}/neither/count"] = {"value": d}
            found[f"{pair}/n/count"] = {"value": sum(cells)}
            found[f"{pair}/kappa"] = {"value": kappa(*cells)}
            found[f"{pair}/mcnemar_exact_p_value"] = {"value": exact_mcnemar(b, c)}
            found[f"incremental/{second}/proportion"] = share(c, sum(cells))
    found |= repeats(name) | accuracy(name) | infections(name)
    return {
        (f"{Y}/{key}", part): value for key, parts in found.items() for part, value in parts.items()
    }


def repeats(name: str) -> dict[str, dict[str, float]]:
    """Indirect GIFT by the number of the sample, in those who had it more than once."""
    series: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows(name, "antibody_tests"):
        if row["assay"] == "gift" and "sample_id" in row:
            series[row["patient_id"]][int(row["sample_id"].rpartition("-S")[2])] = row["result"]
    found: dict[str, dict[str, float]] = {}
    tested, so_far = len(series), 0
    for number in (2, 3):
        again = [results[number] for results in series.values() if number in results]
        if again:
            so_far += again.count("positive")
            found[f"repeats/{number}/positive/count"] = {"value": again.count("positive")}
            found[f"repeats/{number}/proportion"] = share(again.count("positive"), len(again))
            found[f"repeats/{number}/cumulative/proportion"] = share(so_far, tested)
    return found


def accuracy(name: str) -> dict[str, dict[str, float]]:
    """The marrow test in those with autoimmune neutropenia, and in those with another cause."""
    status = statuses(name).get("bmift")
    if not status:
        return {}
    cells: Counter[tuple[str, str]] = Counter()
    for row in rows(name, "patients"):
        cells[row["aetiology"], status[row["patient_id"]]] += 1
    true, missed = cells["primary_autoimmune", "positive"], cells["primary_autoimmune", "negative"]
    false, clear = cells["other", "positive"], cells["other", "negative"]
    return {
        "accuracy/bmift/sensitivity": share(true, true + missed),
        "accuracy/bmift/specificity": share(clear, clear + false),
        "accuracy/bmift/ppv": share(true, true + false),
        "accuracy/bmift/npv": share(clear, clear + missed),
    }


def infections(name: str) -> dict[str, dict[str, float]]:
    """Infections in those with and without antibodies."""
    infected = [row["patient_id"] for row in rows(name, "events") if row["event"] == "infection"]
    if not infected:
        return {}
    assert len(set(infected)) == len(infected)
    status = statuses(name)["other"]
    counts = {
        result: (
            sum(status[patient] == result for patient in infected),
            list(status.values()).count(result),
        )
        for result in ("positive", "negative")
    }
    return {
        f"events/infection/{result}/proportion": share(*counted)
        for result, counted in counts.items()
    } | {
        "events/infection/fisher_p_value": {
            "value": fisher(*counts["positive"], *counts["negative"])
        }
    }


@pytest.mark.parametrize("name", [*NAMES, "kyritsi2015"])
def test_every_figure_in_the_register_comes_out_of_the_rows(name):
    """Each count, share, limit, kappa and P value but one is what plain loops find in the files."""
    ours = recounted(name)
    claims = [claim for claim in study(name).claims if claim.key.startswith(f"{Y}/")]
    off = [
        (claim.key, claim.field, ours[claim.key, claim.field])
        for claim in claims
        if abs(ours[claim.key, claim.field] - claim.value) > claim.tolerance + 1e-12
    ]
    assert len(claims) >= 7
    assert [(key, field) for key, field, _ in off] == (
        [(f"{Y}/events/infection/fisher_p_value", "value")] if name == "hong_kong2021" else []
    )


@pytest.mark.parametrize(
    ("name", "first", "second", "printed"),
    [
        ("jinca2021", "gift", "gat", (3, 8, 0, 7)),
        ("flow_wift2015", "gift_gat", "flow_wift", (71, 6, 37, 219)),
        ("kyritsi2015", "gift", "gat", (4, 12, 0, 27)),
        ("taniuchi2002", "direct_gift", "gift", (17, 1, 0, 0)),
    ],
)
def test_fourfold_tables_are_as_printed(name, first, second, printed):
    """Both, the first alone, the second alone, neither."""
    assert fourfold(name, first, second) == printed


def test_jinca_gives_the_users_check():
    """11 of 18 against 3 of 18; 8 discordant pairs, all one way, have P = 2 / 2⁸; kappa 0.226."""
    assert exact_mcnemar(8, 0) == 2 / 2**8
    assert f"{kappa(3, 8, 0, 7):.3f}" == "0.226"
    assert len(rows("jinca2021", "patients")) == 18


def test_maiga_and_beads_fit_the_printed_kappa_whatever_the_split():
    """70 and 31 of 114 agree; all splits of 13 from 4 and 9 to 9 and 4 round to 0.742, no other."""
    both, only_maiga, only_beads, neither = fourfold("flow_wift2015", "maiga", "beads")
    assert (both, only_maiga + only_beads, neither) == (70, 13, 31)
    fitting = [i for i in range(14) if f"{kappa(70, i, 13 - i, 31):.3f}" == "0.742"]
    assert fitting == list(range(4, 10))
    assert only_maiga in fitting


def test_maiga_and_beads_follow_a_positive_screen():
    """The 114 samples are those that GIFT, GAT or flow found, and every sample is one patient's."""
    found = statuses("flow_wift2015")
    screened = {
        patient
        for assay in ("gift_gat", "flow_wift")
        for patient, result in found[assay].items()
        if result == "positive"
    }
    assert set(found["maiga"]) == set(found["beads"]) == screened
    assert len(screened) == 114
    tests = rows("flow_wift2015", "antibody_tests")
    pairs = {(row["patient_id"], row["sample_id"]) for row in tests}
    assert len(pairs) == len({patient for patient, _ in pairs}) == 333


def test_porretti_repeats_are_as_printed():
    """44 start negative; 12 turn positive at the second test, 2 at the third; 10 of 14 directly."""
    series = defaultdict(list)
    for row in sorted(rows("porretti2018", "antibody_tests"), key=lambda row: row["sample_id"]):
        if row["assay"] == "gift":
            series[row["patient_id"]].append(row["result"])
    assert Counter(map(tuple, series.values())) == {
        ("negative", "positive"): 12,
        ("negative", "negative", "positive"): 2,
        ("negative", "negative", "negative"): 30,
    }
    direct = statuses("porretti2018")["direct_gift"]
    turned = [patient for patient, results in series.items() if results[-1] == "positive"]
    assert Counter(direct[patient] for patient in turned) == {"positive": 10, "negative": 4}
    assert len(direct) == len(rows("porretti2018", "patients")) == 162
    n = list(direct.values()).count("positive")
    assert [m for m in range(163) if f"{100 * m / 162:.0f}" == "49"] == [79, 80]
    assert n == 79


def test_lane_leaves_the_failed_tests_outside_both_groups():
    """76 patients: 45 and 28, and 3 whose test failed and whose group is not known."""
    status = statuses("lane2009")["bmift"]
    cells = Counter(
        (row["aetiology"], status[row["patient_id"]]) for row in rows("lane2009", "patients")
    )
    assert cells == {
        ("primary_autoimmune", "positive"): 24,
        ("primary_autoimmune", "negative"): 21,
        ("other", "negative"): 28,
        ("", "indeterminate"): 3,
    }
    # with the failed tests inside a group, the printed 53 % and 57 % would not both come out
    assert [f"{100 * x:.0f}" for x in (24 / 42, 28 / 46)] == ["57", "61"]
    assert [f"{100 * x:.0f}" for x in (24 / 45, 25 / 46)] == ["53", "54"]


def test_hong_kong_gives_another_p_than_was_printed():
    """6 of 25 against 4 of 56: P is 0.062 by Fisher, and 0.041 only by the likelihood ratio."""
    p_value = recounted("hong_kong2021")[f"{Y}/events/infection/fisher_p_value", "value"]
    assert f"{p_value:.3f}" == "0.062"
    cells = [(6, 25 * 10 / 81), (19, 25 * 71 / 81), (4, 56 * 10 / 81), (52, 56 * 71 / 81)]
    likelihood_ratio = 2 * sum(seen * math.log(seen / expected) for seen, expected in cells)
    assert f"{math.erfc(math.sqrt(likelihood_ratio / 2)):.3f}" == "0.041"
    specificities = Counter(row["specificity"] for row in rows("hong_kong2021", "antibody_tests"))
    assert specificities == {"HNA-1a": 21, "HNA-3a": 4, "": 56}


@each
def test_nothing_is_invented_that_could_be_left_out(name):
    """No age, sex, date or titre stands anywhere: none was published."""
    columns = {
        column
        for table in ("patients", "antibody_tests", "events")
        for row in rows(name, table)
        for column in row
    }
    assert columns <= {
        "patient_id", "aetiology", "sample_id", "assay", "direct", "result", "specificity",
        "event", "detail",
    }  # fmt: skip


@each
def test_the_card_says_what_it_is(name):
    """Rebuilt, public, of its study; what was assumed and what was published stand in notices."""
    own = card(name)
    assert (own["privacy"], own["study"], own["origin"]) == ("public", name, "reconstructed")
    assert own["notices"][0].startswith("These are not the study's patients.")
    assert own["notices"][1].startswith("Published: ")
    assert len(own["notices"]) > 3


@pytest.mark.parametrize("name", [*NAMES, "kyritsi2015"])
def test_each_printed_figure_holds_by_construction(name):
    """What the register claims of an assay comparison is on the card's list of what holds."""
    held = set(card(name)["held"])
    assert {claim.key for claim in study(name).claims if claim.key.startswith(f"{Y}/")} <= held


@pytest.mark.parametrize(
    ("name", "invented"),
    [
        ("flow_wift2015", ["pair/maiga_beads/mcnemar_exact_p_value", "pair/gift_gat_maiga/kappa"]),
        ("porretti2018", ["repeats/3/proportion", "pair/gift_direct_gift/kappa"]),
    ],
)
def test_what_rests_on_a_draw_is_marked(name, invented):
    """Results that were partly dealt out are synthetic, and nothing drawn is said to hold."""
    assert card(name)["synthetic_columns"] == ["antibody_tests.result"]
    assert not {f"{Y}/{key}" for key in invented} & set(card(name)["held"])


@each
def test_the_program_writes_the_same_bytes(name, tmp_path: Path):
    """The folder that ships is what the seeded program writes today."""
    assay_studies.write(name, tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (COHORTS / name).iterdir()}


@each
def test_another_seed_changes_who_and_never_how_many(name, tmp_path: Path, monkeypatch):
    """The draw decides whose a result is; every figure stays."""
    before = recounted(name)
    assay_studies.write(name, tmp_path / name, seed=1)
    tests = (tmp_path / name / "antibody_tests.csv").read_bytes()
    assert tests != (COHORTS / name / "antibody_tests.csv").read_bytes()
    monkeypatch.setattr(f"{__name__}.COHORTS", tmp_path)
    assert recounted(name) == before


@each
def test_the_descriptor_is_valid_and_the_door_finds_no_fault(name, capsys):
    """Frictionless and `incohort check` both accept the folder."""
    report = frictionless.validate(str(COHORTS / name / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    assert cli.run(["check", str(COHORTS / name)]) == ExitCode.DONE
    assert "no faults" in capsys.readouterr().out
