"""A reader's own patients: kept step by step, asked in a line, guarded where restricted."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import HTML, display, publish_display_data

import incohort as ic
from incohort.analyses import own
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.errors import UsageError
from incohort.jupyter.guard import guard
from incohort.results import Estimate, Suppressed
from incohort.stats.survival import logrank


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A restricted cohort of 60: 36 women and 24 men, aged 12 to 71, of two not recorded."""
    place = tmp_path_factory.mktemp("cohort")
    with (place / "patients.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient_id", "sex", "age_years"])
        for i in range(60):
            sex = "female" if i % 5 < 3 else "male"
            writer.writerow([f"P{i:02}", sex, "" if i in {7, 8} else 12 + i])
    return place


@pytest.fixture(scope="module")
def restricted(folder):
    """The cohort of that folder."""
    return open_cohort(str(folder))


def numbers(findings) -> dict[str, float]:
    """The values by key."""
    return {r.key: r.value for r in findings.results if isinstance(r, Estimate)}


def test_the_frame_is_a_copy(restricted):
    """What a reader does to the frame changes no result."""
    people = own.patients(restricted)
    people.frame["sex"] = "male"

    assert Counter(people.frame["sex"]) == {"female": 36, "male": 24}


def test_keeping_the_adults_is_a_step(restricted):
    """Of 60 patients 6 are under 18 and of 2 the age is not known: 52 are kept, 8 left out."""
    people = own.patients(restricted)
    adults = people.keep(people.frame["age_years"] >= 18, because="adults")
    found = numbers(adults.flow())

    assert len(adults) == 52
    assert found["patients/kept_adults/attrition/kept_adults/count"] == 52
    assert found["patients/kept_adults/attrition/kept_adults/excluded/count"] == 8
    assert len(people) == 60


def test_shares_by_a_column_are_counted(restricted):
    """Of the women by age band, counted by a plain loop over the file."""
    found = numbers(own.patients(restricted).shares("age", by="sex"))
    rows = [(i, "female" if i % 5 < 3 else "male") for i in range(60) if i not in {7, 8}]
    young = sum(sex == "female" and 12 + i < 18 for i, sex in rows)
    known = sum(sex == "female" for _, sex in rows)
    key = "patients/shares/age/by_sex/female/1 to below 18/proportion"

    assert found[key] == young / known


def test_shares_by_a_column_are_one_table_and_one_figure():
    """Recurrent infections by sex: a row each for all, women and men; who has none is the rest."""
    people = own.patients(open_cohort("mixed_synthetic"))
    findings = people.shares("has_recurrent_infections", by="sex")
    (table,), (figure,) = findings.layout.tables, findings.layout.figures
    frame = people.frame
    known = frame["has_recurrent_infections"].notna() & (frame["sex"] == "female")
    has = frame["has_recurrent_infections"].eq(True).fillna(False) & known
    key = "patients/shares/has_recurrent_infections/by_sex/female/yes/proportion"

    assert [row.label for row in table.rows][:3] == ["All", "Female", "Male"]
    assert table.caption == "Recurrent infections"
    assert [series.label for series in figure.series] == [row.label for row in table.rows]
    assert (findings.by_key[key].events, findings.by_key[key].n) == (has.sum(), known.sum())


def test_a_table_by_groups_names_where_its_columns_come_from():
    """Infections stand in the events, severity in the counts: not in the table of patients."""
    people = own.patients(open_cohort("mixed_synthetic"))
    findings = people.shares("has_recurrent_infections", by="severity")

    assert {source for one in findings.results for source in one.sources} == {
        "events.event",
        "labs.ANC",
    }


def test_two_groups_are_compared_in_an_outcome(restricted):
    """Minors among the women and the men with an age, by a plain loop over the file."""
    asked = own.patients(restricted).compare("age", by="sex", event="1 to below 18")
    found, at = numbers(asked), "patients/compare/age/by_sex"
    rows = [("female" if i % 5 < 3 else "male", 12 + i < 18) for i in range(60) if i not in {7, 8}]
    (a, n_1), (c, n_2) = (
        (sum(young for own, young in rows if own == sex), sum(own == sex for own, _ in rows))
        for sex in ("female", "male")
    )

    assert (found[f"{at}/female/proportion"], found[f"{at}/male/proportion"]) == (a / n_1, c / n_2)
    assert found[f"{at}/difference"] == pytest.approx(a / n_1 - c / n_2)
    assert found[f"{at}/risk_ratio"] == pytest.approx((a / n_1) / (c / n_2))
    assert 0 < found[f"{at}/fisher_p_value"] <= 1
    odds = (a / (n_1 - a)) / (c / (n_2 - c))
    assert (found[f"{at}/odds_ratio"] > 1) == (odds > 1)


def test_the_groups_may_be_held_the_other_way_round(restricted):
    """The difference of men and women is that of women and men with its sign turned."""
    people, at = own.patients(restricted), "patients/compare/age/by_sex/difference"
    one, other = (
        numbers(people.compare("age", "sex", groups=groups, event="18 to below 40"))[at]
        for groups in (("female", "male"), ("male", "female"))
    )

    assert one == pytest.approx(-other)
    assert one


def test_what_rests_on_a_small_cell_is_withheld(restricted):
    """Of few minors none of the numbers that compare women and men in it is shown."""
    asked = own.patients(restricted).compare("age", by="sex", event="1 to below 18")
    assert not numbers(gate(asked, PROFILES["acro"]))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"by": "sexes"}, "sex"),
        ({"by": "sex", "event": "old"}, "category of age"),
        ({"by": "sex"}, "which category of 'age' is the outcome"),
        ({"by": "sex", "groups": ("female",), "event": "18 to below 40"}, "takes two groups"),
        ({"by": "sex", "groups": ("female", "female"), "event": "18 to below 40"}, "two groups"),
        ({"by": "sex", "groups": ("female", "man"), "event": "18 to below 40"}, "category of sex"),
        ({"by": "age", "event": "18 to below 40"}, "takes two groups"),
    ],
)
def test_a_comparison_that_is_open_is_one_sentence(restricted, choices, words):
    """Which two, and in what: where that is not clear, the categories are listed."""
    with pytest.raises(UsageError, match=words):
        own.patients(restricted).compare("age", **choices)


@pytest.mark.parametrize("limit", [17, 19, 66])
def test_an_age_between_the_bands_is_refused_where_the_cohort_is_restricted(restricted, limit):
    """A limit that moves year by year would tell the age of whoever crosses it."""
    people = own.patients(restricted)
    with pytest.raises(UsageError, match="dictionary's bands"):
        people.keep(people.frame["age_years"] >= limit, because="some")


def test_a_mask_of_single_patients_is_refused_where_the_cohort_is_restricted(restricted):
    """All but one patient: the one would be what two tables differ by."""
    people = own.patients(restricted)
    with pytest.raises(UsageError, match="whole categories"):
        people.keep(people.frame["patient_id"] != "P03", because="all but one")


def test_within_the_study_team_any_mask_will_do(restricted):
    """Who may see everything may keep whom they like."""
    people = own.patients(restricted, is_open=True)

    assert len(people.keep(people.frame["patient_id"] != "P03", because="all but one")) == 59


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: f["age_years"] >= 18, None),
        (lambda f: (f["age_years"] >= 18).where(f["age_years"].notna()), "neither True nor False"),
        (lambda f: f["age_years"], "takes True and False"),
        (lambda f: f["age_years"].fillna(0.0), "True and False"),
        (lambda f: (f["age_years"] >= 18).iloc[1:], "row for each row"),
        (lambda _: "adults", "row for each row"),
    ],
)
def test_a_mask_that_is_none_is_one_sentence(restricted, spoil, words):
    """A blank is no answer, a number no flag, and other rows no mask."""
    people = own.patients(restricted)
    if words is None:
        assert len(people.keep(spoil(people.frame), because="adults")) == 52
        return
    with pytest.raises(UsageError, match=words):
        people.keep(spoil(people.frame), because="adults")


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (lambda: ic.patients("mixed_synthetic"), "Open the cohort first"),
        (lambda: ic.episodes("mixed_synthetic"), "Open the cohort first"),
        (lambda: ic.anc_recovery("mixed_synthetic"), r"ic\.anc_recovery\(cohort="),
        (lambda: ic.open_cohort(3), "takes the name of a cohort"),
    ],
)
def test_a_name_in_the_wrong_place_is_one_sentence(slip, words):
    """What somebody tries first who has not read how a cohort is opened."""
    with pytest.raises(UsageError, match=words):
        slip()


def test_an_unknown_column_is_refused_with_the_nearest(restricted):
    """A slip of the finger gets the name that was meant."""
    with pytest.raises(UsageError, match="severity"):
        own.patients(restricted).table_one(by="severty")


def test_the_same_tables_of_two_kept_groups_give_nobody_away(restricted):
    """Everybody's table, and that of those with a known age: the two left out stay hidden."""
    people, ledger = own.patients(restricted), Ledger()
    bands = people.frame["age_years"].notna()
    known = people.keep(bands, because="age known")
    shown = {}
    for findings in (people.flow(), known.flow()):
        for r in gate(findings, PROFILES["darwin"], ledger).results:
            if isinstance(r, Estimate):
                shown[r.key] = r.value

    assert not {60.0, 58.0} <= set(shown.values())
    assert 2.0 not in shown.values()


def test_a_guarded_shell_shows_findings_and_no_rows(restricted):
    """Frames, pages and pictures are a sentence; results are shown as always; 1 + 1 is 2."""
    shell = InteractiveShell.instance()
    show = shell.display_formatter.format
    try:
        ic.load_ipython_extension(shell)
        guard(shell)
        people = own.patients(restricted)
        frame, page = people.frame, HTML("P03")
        few = people.shares("sex")
        words = frame["sex"].value_counts().to_dict()
        rest = (people.members, people.members.base, few.results, few.by_key, len(people), words)
        for rows in (frame, frame["age_years"], frame.index, frame.to_numpy(), page, *rest, "P03"):
            data, _ = shell.display_formatter.format(rows)
            assert set(data) == {"text/plain"}
            assert data["text/plain"].startswith("Not shown")
        told, _ = shell.display_formatter.format(people.flow())
        assert "text/html" in told
        assert "text/html" in shell.display_formatter.format(ic.columns("patients"))[0]
        assert "P03" not in json.dumps(shell.display_formatter.format(people)[0])
    finally:
        shell.display_formatter.format = show
        InteractiveShell.clear_instance()


def test_a_guarded_shell_publishes_no_bundle_that_it_did_not_make(restricted):
    """A bundle made by hand goes round the formatter, whatever it says that it is."""
    shell = InteractiveShell.instance()
    show, publish = shell.display_formatter.format, shell.display_pub.publish
    published = []
    try:
        shell.display_pub.publish = lambda data, **_: published.append(data)
        ic.load_ipython_extension(shell)
        guard(shell)
        display(own.patients(restricted).flow())
        for kind in ("text/plain", "text/html", "application/vnd.incohort.results+json"):
            display({kind: "P03"}, raw=True)
            publish_display_data({kind: "P03"}, metadata={kind: {"who": "P03"}})
    finally:
        shell.display_formatter.format, shell.display_pub.publish = show, publish
        InteractiveShell.clear_instance()

    assert "text/html" in published[0]
    assert len(published) == 7
    assert all(data["text/plain"].startswith("Not shown") for data in published[1:])
    assert "P03" not in json.dumps(published[1:])


def test_curves_of_ones_own_are_those_of_the_notebook():
    """The median of all first timed episodes is notebook 04's; women and men make all of them."""
    cohort = open_cohort("din_synthetic")
    found = numbers(own.episodes(cohort).curves(by="sex"))
    of_04 = ic.anc_recovery(cohort=cohort).recovery().by_key["anc_recovery/km/all/median"]
    n = {g: found[f"episodes/km/by_sex/{g}/n/count"] for g in ("overall", "female", "male")}

    assert found["episodes/km/by_sex/overall/median"] == of_04.value
    assert n["female"] + n["male"] == n["overall"] == 300


def test_incidence_of_ones_own_is_notebook_04_s_and_a_plain_loop_s():
    """The share recovered by day 14 is notebook 04's, and the sum over days of who recovers then.

    Each day's part is who is still there times the share of those at risk who recover on it.
    """
    cohort = open_cohort("din_synthetic")
    episodes = own.episodes(cohort)
    key = "all/recovered/by_day_14/proportion"
    of_04 = ic.anc_recovery(cohort=cohort).incidence().by_key[f"anc_recovery/incidence/{key}"]
    found = numbers(episodes.incidence(by="sex"))
    rows = [
        (int(t), int(c))
        for t, c in zip(episodes.frame["time"], episodes.frame["cause"], strict=True)
    ]
    still, recovered = 1.0, 0.0
    for day in range(15):
        at_risk = sum(time >= day for time, _ in rows)
        ends = [cause for time, cause in rows if time == day]
        recovered += still * ends.count(1) / at_risk
        still *= 1 - (ends.count(1) + ends.count(2)) / at_risk

    own_key = "episodes/incidence/by_sex/overall/recovered/by_day_14/proportion"
    assert found[own_key] == of_04.value == pytest.approx(recovered, rel=1e-12)
    assert {
        f"episodes/incidence/by_sex/{cause}/gray_p_value" for cause in ("recovered", "died")
    } <= (found.keys())


def test_groups_are_compared_by_the_frames_own_columns():
    """The log-rank test over all groups has the P value that it has of the frame's columns."""
    people = own.episodes(open_cohort("din_synthetic"))
    frame = people.frame
    known = frame[frame["sex"].notna()]
    expected = logrank(
        known["time"].astype(float), known["cause"].astype(int) == 1, known["sex"]
    ).p_value
    found = numbers(people.curves(by="sex"))

    assert found["episodes/km/by_sex/logrank_p_value"] == pytest.approx(expected, rel=1e-12)


def test_models_of_one_s_own_episodes_are_notebook_04_s():
    """By the same covariates the ratios are those of the notebook; of women there is no sex."""
    cohort = open_cohort("din_synthetic")
    names = ("low_count", "infection", "age", "female", "comorbidity")
    episodes = own.episodes(cohort)
    found = numbers(episodes.models(*names))
    of_04 = numbers(ic.anc_recovery(cohort=cohort, covariates=",".join(names)).models())
    head = f"episodes/models/by_{'_'.join(names)}"
    for kind in ("cox/age/hazard_ratio", "aft/infection/time_ratio", "cox/female/p_value"):
        assert found[f"{head}/{kind}"] == of_04[f"anc_recovery/models/{kind}"]
    women = episodes.keep(episodes.frame.sex == "female", because="women")
    same = women.models("female", "age").by_key["episodes/kept_women/models/by_female_age/cox/"
                                                "female/hazard_ratio"]  # fmt: skip
    assert same.reason == "it is the same in everybody"
    with pytest.raises(UsageError, match="weight"):
        episodes.models("weight")


def test_a_reason_that_tells_of_a_cell_without_anybody_is_withheld():
    """Of restricted women the gate does not say that a covariate is the same in all of them."""
    cohort = open_cohort("din_synthetic")
    cohort = replace(cohort, card=replace(cohort.card, is_public=False))
    women = own.episodes(cohort, sex="female").models("female", "age")
    shown = gate(women, PROFILES["darwin"]).by_key
    key = "episodes/models/by_female_age/cox/{}/hazard_ratio"
    assert isinstance(shown[key.format("female")], Suppressed)
    assert isinstance(shown[key.format("age")], Estimate)
