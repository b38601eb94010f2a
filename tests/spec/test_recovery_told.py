"""What notebook 04 says of how long it took: the estimand of its words, and of whom it is said."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path

import pytest

from incohort.analyses.anc_recovery.study import AncRecovery
from incohort.analyses.gcsf_evidence.study import GcsfEvidence
from incohort.cohort import open_cohort
from incohort.figures import figure_html
from incohort.reports.fragment import findings_html
from incohort.results import FigureKind, Findings, NotEstimable, PatientTracks, spoken
from incohort.stats.competing import aalen_johansen
from incohort.tables import sentence_text

bundled = cache(open_cohort)


def write(place: Path, **tables: list[dict[str, str]]) -> str:
    """A public cohort of these rows; its place."""
    place.mkdir()
    card = {"name": "own", "title": "Own", "incohort": {"privacy": "public"}, "resources": []}
    (place / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    for name, rows in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return str(place)


def people(counts: dict[str, dict[str, float]]) -> dict[str, list[dict[str, str]]]:
    """The tables `patients` and `labs` of counts in 10⁹/L by date."""
    return {
        "patients": [{"patient_id": p} for p in counts],
        "labs": [
            {"patient_id": p, "analyte": "ANC", "taken_at": day, "value": str(value),
             "unit": "10*9/L"}
            for p, own in counts.items() for day, value in own.items()
        ],
    }  # fmt: skip


def told(findings: Findings) -> str:
    """All sentences of a part as they are read."""
    layout = spoken(findings.layout, findings.by_key)
    sentences = (sentence_text(one.template, findings) for one in layout.sentences)
    return " ".join(sentences).replace("\u00a0", " ")


def value(findings: Findings, tail: str) -> float:
    """A number by its key without the prefix."""
    return findings.by_key[f"anc_recovery/{tail}"].value


def test_of_all_and_of_those_neutropenic_at_time_zero():
    """Of all 300 half by day 12 and 11.7 days, of 288 by day 11 and 11.0; the dead compete."""
    found = AncRecovery(bundled("din_synthetic")).recovery()
    assert value(found, "state/begun/n/count") + value(found, "state/late/n/count") == 300
    assert value(found, "state/all/median") == 12
    assert value(found, "state/begun/median") == 11
    assert value(found, "state/all/days") == pytest.approx(11.7, abs=0.05)
    assert value(found, "state/begun/days") == pytest.approx(11.0, abs=0.05)
    words = told(found)
    assert words.startswith("Of all 300 patients analysed, an estimated half had recovered")
    assert "Of the 288 who were neutropenic at time zero" in words
    assert "12.4" not in words  # the restricted mean that would have the dead recover


def test_where_all_began_after_time_zero_days_run_from_the_first_low_count(tmp_path):
    """Admitted on day 0, low from day 9, back 2 to 7 days later: 4.5 days, and never 13.5."""
    days = {
        str(n): {"2024-01-01": 4.0, "2024-01-10": 0.8, "2024-01-11": 0.7, f"2024-01-{11 + n}": 2.0}
        for n in range(1, 7)
    }
    events = [
        {"patient_id": p, "event": "hospitalisation", "occurred_on": "2024-01-01"} for p in days
    ]
    cohort = open_cohort(write(tmp_path / "own", **people(days), events=events))
    asked = AncRecovery(cohort, time_zero="admission")
    found = asked.recovery()
    assert value(found, "state/late/days") == pytest.approx(4.5)
    words = told(found)
    assert words.startswith("In all 6 the neutropenia began only after admission")
    assert "4.5" in words
    assert "13.5" not in words
    assert told(asked.incidence()) == ""  # no share by a day that was counted before the onset


def test_abdulkaders_five_are_told_of_from_their_first_low_count():
    """7, 9, 14, 14 and 15 days: half by day 14; no sentence tells 158 days from withdrawal."""
    asked = AncRecovery(bundled("abdulkader2014"))
    found = asked.recovery()
    assert value(found, "state/late/median") == 14
    words = told(found) + told(asked.incidence()) + told(asked.intervals())
    assert "by day 14" in words
    assert "158" not in words
    assert "0.0 %" not in words


def test_what_the_counts_allow_is_not_the_estimate(tmp_path):
    """One is back by day 1, seven by day 7, none seen between: any day from 0 to 7 is allowed."""
    days = {str(n): {"2024-01-01": 0.8, "2024-01-08": 2.0} for n in range(2, 9)}
    days["1"] = {"2024-01-01": 0.8, "2024-01-02": 2.0}
    cohort = open_cohort(write(tmp_path / "own", **people(days)))
    found = AncRecovery(cohort, time_zero="first_low").intervals()
    for kind, low, high in (("counts/median", 0, 7), ("npmle/median", 0, 1),
                            ("npmle/median_ci", 0, 7)):  # fmt: skip
        assert value(found, f"intervals/{kind}_low") == low
        assert value(found, f"intervals/{kind}_high") == high
    assert "estimate" in told(found)


DRUG = {"drug": "clozapine", "role": "suspect"}


def test_episodes_and_patients_each_add_up(tmp_path):
    """Four episodes: two are analysed, two were over before the drug was stopped in June."""
    days = {
        "A": {"2024-01-01": 0.4, "2024-01-10": 2.0, "2024-03-01": 0.9, "2024-03-08": 2.0,
              "2024-05-01": 0.9, "2024-05-08": 2.0},
        "B": {"2024-01-02": 0.4, "2024-01-12": 2.0},
    }  # fmt: skip
    drugs = [
        {"patient_id": p, **DRUG, "started_on": start, "stopped_on": stop}
        for p, start, stop in (("A", "2023-12-01", "2024-01-03"), ("A", "2024-02-01", "2024-06-01"),
                               ("B", "2023-12-01", "2024-01-03"))
    ]  # fmt: skip
    cohort = open_cohort(write(tmp_path / "own", **people(days), medications=drugs))
    found = AncRecovery(cohort, episodes="all").who()
    assert value(found, "episodes/count") == 4
    assert value(found, "analysed/count") == 2
    assert value(found, "episodes/recovered_before_time_zero/excluded/count") == 2
    assert value(found, "flow/timed/count") == value(found, "flow/described/count") == 2


@pytest.mark.parametrize("name", ["din_synthetic", "mixed_synthetic", "abdulkader2014"])
@pytest.mark.parametrize("which", ["first", "all"])
@pytest.mark.parametrize("criteria", ["all", "drug_induced"])
def test_every_flow_adds_up(name, which, criteria):
    """At each step those who stay and those left out are those of the step before."""
    found = AncRecovery(bundled(name), episodes=which, criteria=criteria).who()
    for figure in found.layout.figures:
        stay, left = ([found.by_key[key].value for key in s.keys] for s in figure.series)
        assert stay[0] == stay[-1] + sum(left), figure.key


@pytest.mark.parametrize("group_by", ["low_count", "infection", "sex", "gcsf"])
def test_groups_and_those_in_neither_make_all(group_by):
    """122 and 166 are not 300: whoever is in neither group stands there with the reason."""
    found = AncRecovery(bundled("din_synthetic"), group_by=group_by, resamples=100).recovery()
    for part in ("n", "recovered", "died", "censored"):
        names = ("yes", "no", "neither")
        keys = [f"anc_recovery/km/{name}/{part}/count" for name in names]
        parts = [found.by_key[key].value for key in keys if key in found.by_key]
        assert sum(parts) == value(found, f"km/all/{part}/count")


def test_gcsf_is_counted_alike_in_both_notebooks():
    """169 were given it and 119 not; a first dose on the day of the last count is none."""
    first = AncRecovery(bundled("din_synthetic")).gcsf()
    second = GcsfEvidence(bundled("din_synthetic")).cohort().by_key
    arms = [second[f"gcsf_evidence/cohort/{arm}/n/count"].value for arm in ("gcsf", "none")]
    assert arms == [169, 119]
    assert [value(first, f"gcsf/{arm}/count") for arm in ("treated", "untreated")] == arms


def test_a_reason_is_the_real_one(tmp_path):
    """Three were followed: without medications no criterion can be asked, and that is told."""
    days = {
        "B": {"2024-01-01": 0.9, "2024-01-11": 3.0},
        "C": {"2024-01-01": 0.8, "2024-01-04": 0.9},
    }
    cohort = open_cohort(write(tmp_path / "own", **people(days)))
    found = AncRecovery(cohort, time_zero="first_low").criteria()
    reasons = {r.reason for r in found.results if isinstance(r, NotEstimable)}
    assert reasons == {"the cohort has no table medications"}


def test_a_patient_has_one_number_under_every_clock():
    """Five patients from the first low count or the nadir, in either figure: five numbers."""
    by_length = []
    for time_zero in ("first_low", "nadir"):
        asked = AncRecovery(bundled("abdulkader2014"), time_zero=time_zero)
        found = asked.trajectories()
        drawn = [r for r in found.results if isinstance(r, PatientTracks)]
        names = [sorted(track.name for track in one.tracks) for one in drawn]
        assert names == [["1", "2", "3", "4", "5"]] * 2
        by_length.append({t.name: t.y for t in drawn[0].tracks})
    first, second = by_length
    shared = [name for name in first if set(first[name]) & set(second[name])]
    assert shared == list(first)


def test_half_have_recovered_where_the_incidence_reaches_one_half():
    """Of three one dies on day 5, the others recover on days 6 and 10: ⅓, then ⅔ on day 10."""
    curve = aalen_johansen([6, 5, 10], [1, 2, 1]).of(1)
    assert curve.quantile(0.5).estimate == 10
    assert curve.quantile(0.3).estimate == 6
    assert "not reached" in curve.quantile(0.7).reason
    with pytest.raises(ValueError, match="between 0 and 1"):
        curve.quantile(1.0)


def test_a_drug_with_one_end_known_is_a_mark_and_no_length(tmp_path):
    """A: both known. B: no start of the suspect, no stop of G-CSF. C: neither date of the suspect.

    Nobody knows how long B took the drug: it is a mark on the day of its stop, in figure and list.
    """
    days = {p: {"2024-01-10": 0.2, "2024-01-14": 0.3, "2024-01-20": 2.0} for p in "ABC"}
    drug = {"atc": "N02BB02", "drug": "metamizole", "role": "suspect"}
    gcsf = {"atc": "L03AA02", "drug": "filgrastim", "role": "treatment"}
    given = [
        ("A", drug, "2024-01-01", "2024-01-10"),
        ("A", gcsf, "2024-01-11", "2024-01-13"),
        ("B", drug, "", "2024-01-10"),
        ("B", gcsf, "2024-01-12", ""),
        ("C", drug, "", ""),
    ]
    medications = [
        {"patient_id": p, **what, "started_on": start, "stopped_on": stop}
        for p, what, start, stop in given
    ]
    place = write(tmp_path / "own", **people(days), medications=medications)
    found = AncRecovery(open_cohort(place), time_zero="first_low").trajectories()
    (episodes,) = (r for r in found.results if r.key.endswith("tracks/episodes"))
    spans = sorted(sorted(track.spans) for track in episodes.tracks)
    marks = sorted(sorted(track.marks) for track in episodes.tracks)

    assert spans == [[], [], [("gcsf", 1.0, 3.0), ("suspect_drug", -9.0, 0.0)]]
    ended = ("recovered", 10.0)
    of_b = [("gcsf_started", 2.0), ended, ("suspect_drug_stopped", 0.0)]
    assert marks == [of_b, [ended], [ended]]

    (swimmer,) = (f for f in found.layout.figures if f.kind is FigureKind.SWIMMER)
    assert "a mark on that day" in swimmer.caption
    drawn = figure_html(swimmer, found)
    for words in ("Suspect drug stopped, start not known", "G-CSF started, end not known"):
        assert drawn.count(words) == 2


def all_told(asked: AncRecovery) -> str:
    """The sentences of every part that has any, and the answer's."""
    return (
        told(asked.recovery())
        + told(asked.intervals())
        + told(asked.incidence())
        + told(asked.answer())
    )


def test_no_ratio_is_told_from_a_clock_that_starts_before_the_neutropenia():
    """All five began after withdrawal: no hazard ratio stands in a sentence or in a model."""
    asked = AncRecovery(bundled("abdulkader2014"))
    words = all_told(asked)
    assert "Hazard ratio" not in words
    assert "hazard ratio" not in words
    assert "hazard of recovery" not in words
    terms = [r for r in asked.models().results if r.key.endswith("age/hazard_ratio")]
    assert [r.reason for r in terms] == ["fewer than half were neutropenic at time zero"]


def test_of_three_no_half_and_no_share_is_told(tmp_path):
    """One recovered, one died, one was lost: no "67 % of all had recovered", and no half."""
    days = {
        "A": {"2024-01-01": 0.8, "2024-01-11": 2.0},
        "B": {"2024-01-01": 0.8, "2024-01-03": 0.7},
        "C": {"2024-01-01": 0.8, "2024-01-04": 0.9},
    }
    events = [{"patient_id": "B", "event": "death", "occurred_on": "2024-01-05"}]
    cohort = open_cohort(write(tmp_path / "own", **people(days), events=events))
    words = all_told(AncRecovery(cohort, time_zero="first_low"))
    assert "%" not in words
    assert "half had recovered to" not in words
    assert "With 3 analysed, no day is told" in words


def weekly(lost: int, died: int = 0) -> dict[str, list[dict[str, str]]]:
    """Eight back after one to eight days, and some lost, or dead, on day 3."""
    days = {str(n): {"2024-01-01": 0.8, f"2024-01-{1 + n:02}": 2.0} for n in range(1, 9)}
    low = {"2024-01-01": 0.8, "2024-01-03": 0.7}
    days |= {f"lost{n}": dict(low) for n in range(lost)}
    days |= {f"died{n}": dict(low) for n in range(died)}
    tables = people(days)
    if died:
        tables["events"] = [
            {"patient_id": f"died{n}", "event": "death", "occurred_on": "2024-01-04"}
            for n in range(died)
        ]
    return tables


@pytest.mark.parametrize("lost", [0, 1])
def test_a_share_is_an_estimate_where_somebody_was_lost(tmp_path, lost):
    """Eight of eight seen to recover are a share; with one lost it is an estimate, and how."""
    cohort = open_cohort(write(tmp_path / "own", **weekly(lost)))
    words = all_told(AncRecovery(cohort, time_zero="first_low"))
    assert ("an estimated" in words) == bool(lost)
    assert ("whoever was lost to follow-up counts as going on like the others" in words) == bool(
        lost
    )


def test_where_no_drug_is_suspect_a_section_is_one_line_with_the_remedy(tmp_path):
    """Nobody has a withdrawal then; the first low count is a time zero that everybody has."""
    drugs = [
        {"patient_id": "1", "drug": "metamizole", "role": "", "started_on": "2023-12-20"},
    ]
    cohort = open_cohort(write(tmp_path / "own", **weekly(0), medications=drugs))
    page = findings_html(AncRecovery(cohort).recovery())
    assert "fill medications.role, or choose time_zero = first_low" in page
    assert "<table" not in page
    assert "<table" in findings_html(AncRecovery(cohort, time_zero="first_low").recovery())


@pytest.mark.parametrize("died", [0, 1])
def test_nobody_is_said_not_to_have_died_where_nobody_did(tmp_path, died):
    """Without a death there is one day by which half had recovered, and no other "if nobody"."""
    cohort = open_cohort(write(tmp_path / "own", **weekly(0, died)))
    asked = AncRecovery(cohort, time_zero="first_low")
    words = all_told(asked)
    assert ("nobody had died" in words) == bool(died)
    assert "by the counts any from" in told(asked.intervals())


def test_the_estimate_between_counts_stands_with_its_interval():
    """Whatever the answer tells of the estimate between counts, it tells with its limits."""
    study = AncRecovery(bundled("din_synthetic"))
    words = told(study.answer())
    assert "by the counts any from 8 to 11" in words
    assert "by the nonparametric estimate between counts" not in words
    assert "compatible with G-CSF having no effect on recovery" in words
    assert "leave open 9 to 11 (95 % interval)" in told(study.intervals())
    assert "an onset near the drug and for recovery" in told(study.criteria())


def test_episodes_are_taken_as_independent_only_where_a_patient_has_two(tmp_path):
    """Of one episode each nothing is said of some being of one patient; of two analysed it is."""
    once = {p: {"2024-01-01": 0.4, "2024-01-10": 2.0} for p in "AB"}
    twice = {"A": once["A"] | {"2024-03-01": 0.4, "2024-03-10": 2.0}, "B": once["B"]}
    for name, days in (("once", once), ("twice", twice)):
        cohort = open_cohort(write(tmp_path / name, **people(days)))
        asked = AncRecovery(cohort, time_zero="first_low", episodes="all")
        notes = " ".join(n for table in asked.recovery().layout.tables for n in table.notes)
        assert ("of one patient" in notes) == (name == "twice")
        assert "began only later" not in notes  # the clock is the first low count itself


def test_a_flow_of_episodes_is_listed_as_episodes():
    """Its list counts episodes, and a relapse without the drug has none since the recovery."""
    found = AncRecovery(bundled("abdulkader2014")).who()
    patients, episodes = (figure_html(f, found) for f in found.layout.figures)
    assert "Patients</th>" in patients
    assert "Episodes</th>" in episodes
    assert "Patients</th>" not in episodes
    assert "or none since the recovery before it" in episodes


@pytest.mark.parametrize("privacy", ["public", "restricted"])
def test_infections_that_no_cohort_wrote_down_are_not_the_same_in_everybody(tmp_path, privacy):
    """A table of deaths alone says nothing of infections, whoever may see the cohort."""
    tables = weekly(0, 1)
    for n, row in enumerate(tables["patients"]):
        row["age_years"] = str(40 + 3 * n)
    place = write(tmp_path / "own", **tables)
    card = Path(place) / "datapackage.json"
    card.write_text(card.read_text("utf-8").replace("public", privacy), encoding="utf-8")
    asked = AncRecovery(
        open_cohort(place), time_zero="first_low", covariates="infection, age", group_by="infection"
    )
    models = asked.models()
    term = models.by_key["anc_recovery/models/cox/infection/hazard_ratio"]
    assert term.reason == "this cohort records no infections"
    assert value(models, "models/n/count") == 9
    assert value(asked.recovery(), "km/neither/n/count") == 9
