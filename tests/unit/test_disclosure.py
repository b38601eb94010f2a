"""The gate on small tables whose answer can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incohort.disclosure import NONE, PROFILES, Ledger, gate, gate_card, profile_for
from incohort.errors import UsageError
from incohort.results import (
    CellKind,
    CohortCard,
    Estimate,
    Findings,
    InputFile,
    Layout,
    Look,
    Margin,
    Measure,
    NotEstimable,
    PatientPoints,
    Suppressed,
)
from incohort.stats.proportions import proportion
from incohort.tables.cells import fill

OPENSAFELY, DARWIN, ACRO = (PROFILES[name] for name in ("opensafely", "darwin", "acro"))


def count(key: str, value: int, **more) -> Estimate:
    settings = {"n": value} | more
    return Estimate(key=key, label=key, measure=Measure.COUNT, value=float(value), **settings)


def share(key: str, events: int, n: int) -> Estimate:
    low_high = proportion(events, n)
    return Estimate(
        key=key,
        label=key,
        measure=Measure.PROPORTION,
        value=events / n,
        events=events,
        n=n,
        ci_low=low_high.ci_low,
        ci_high=low_high.ci_high,
        conf_level=0.95,
        method=low_high.method,
    )


def statistic(measure: Measure, value: float, **more) -> Estimate:
    return Estimate(key="s", label="s", measure=measure, value=value, **more)


def found(*results, margins: tuple[Margin, ...] = ()) -> Findings:
    return Findings(name="f", title="F", results=results, layout=Layout(margins=margins))


def hidden(findings: Findings) -> set[str]:
    return {r.key for r in findings.results if isinstance(r, Suppressed)}


@pytest.mark.parametrize(("profile", "smallest_shown"), [(OPENSAFELY, 8), (DARWIN, 5), (ACRO, 10)])
def test_a_count_is_shown_from_the_threshold_on(profile, smallest_shown):
    """Redacted is up to 7 by opensafely, below 5 by darwin, below 10 by acro, and 0 by all."""
    for value, is_hidden in ((0, True), (smallest_shown - 1, True), (smallest_shown, False)):
        assert bool(hidden(gate(found(count("a", value)), profile))) is is_hidden


@pytest.mark.parametrize(("value", "shown"), [(8, 10), (12, 10), (13, 15), (97, 95), (98, 100)])
def test_opensafely_rounds_to_the_nearest_five(value, shown):
    """8 to 12 are shown as 10, 13 to 17 as 15."""
    (result,) = gate(found(count("a", value)), OPENSAFELY).results

    assert (result.value, result.n) == (shown, shown)


def test_a_percentage_goes_with_its_count_and_with_its_complement():
    """3 of 100 and 97 of 100 tell of the same 3 people; 0 and 100 % tell of everybody."""
    for events in (0, 3, 97, 100):
        assert hidden(gate(found(share("a", events, 100)), DARWIN)) == {"a"}
    assert not hidden(gate(found(share("a", 50, 100)), DARWIN))


def test_a_rounded_percentage_and_its_interval_come_from_the_rounded_counts():
    """43 of 97 is shown as 45 of 95, with Wilson's interval of just that."""
    (result,) = gate(found(share("a", 43, 97)), OPENSAFELY).results
    wilson = proportion(45, 95)

    assert (result.events, result.n, result.value) == (45, 95, 45 / 95)
    assert (result.ci_low, result.ci_high) == (wilson.ci_low, wilson.ci_high)


def test_a_second_count_goes_so_that_subtraction_gives_nothing_back():
    """3 + 20 + 77 = 100: with 3 hidden alone, 100 − 77 − 20 would be 3; 20, the smallest, goes."""
    results = (count("all", 100), count("a", 3), count("b", 20), count("c", 77))
    margin = Margin(total="all", parts=("a", "b", "c"))
    for profile in (OPENSAFELY, DARWIN, ACRO):
        assert hidden(gate(found(*results, margins=(margin,)), profile)) == {"a", "b"}


def test_two_hidden_counts_that_are_small_together_take_a_third_along():
    """1 + 2 is known to be 3 from the rest; only a third makes the sum exceed the limit."""
    results = (count("all", 83), count("a", 1), count("b", 2), count("c", 30), count("d", 50))
    margin = Margin(total="all", parts=("a", "b", "c", "d"))

    assert hidden(gate(found(*results, margins=(margin,)), DARWIN)) == {"a", "b", "c"}


def test_the_total_goes_where_nothing_else_is_left():
    """With one part there is no second: the total of 104 would give 104 − 100 = 4."""
    results = (count("all", 104), count("a", 4), count("b", 100))
    margins = (Margin(total="all", parts=("a", "b")),)

    assert hidden(gate(found(*results, margins=margins), DARWIN)) == {"a", "b"}
    assert hidden(gate(found(count("all", 4), count("a", 4), margins=margins[:0]), DARWIN)) == {
        "all",
        "a",
    }


def test_a_denominator_tells_who_is_missing():
    """57 of 97 known and 100 patients: the 3 missing are hidden only if no share shows the 97."""
    results = (
        count("all", 100),
        share("male", 57, 97),
        share("female", 40, 97),
        count("missing", 3, n=100),
    )
    margin = Margin(total="all", parts=("male", "female", "missing"))

    assert hidden(gate(found(*results, margins=(margin,)), DARWIN)) >= {
        "missing",
        "male",
        "female",
    }


def test_tables_of_two_ways_are_closed_in_both():
    """Of 2 × 3 cells with one small, four must go: a pair in its row and the same in its column."""
    cells = {"a1": 2, "a2": 20, "a3": 30, "b1": 40, "b2": 50, "b3": 60}
    totals = {"a": 52, "b": 150, "1": 42, "2": 70, "3": 90, "all": 202}
    margins = (
        *(Margin(total=r, parts=(f"{r}1", f"{r}2", f"{r}3")) for r in "ab"),
        *(Margin(total=c, parts=(f"a{c}", f"b{c}")) for c in "123"),
        Margin(total="all", parts=("a", "b")),
        Margin(total="all", parts=("1", "2", "3")),
    )
    results = [count(key, value) for key, value in (cells | totals).items()]

    assert hidden(gate(found(*results, margins=margins), DARWIN)) == {"a1", "a2", "b1", "b2"}


def test_what_one_table_withheld_no_later_one_gives_back():
    """A total that stands in another cell of the notebook is withheld there, too."""
    ledger = Ledger()
    margin = Margin(total="all", parts=("a", "b"))
    first = gate(found(count("a", 3), count("b", 60), margins=(margin,)), DARWIN, ledger)
    second = gate(found(count("all", 63)), DARWIN, ledger)

    assert hidden(first) == {"a"}  # nothing there to subtract from
    assert hidden(second) == {"all"}
    assert not hidden(gate(found(count("all", 63)), DARWIN, Ledger()))


def test_the_same_patients_get_the_same_decision_under_another_key():
    """A count that was withheld as a share's event is withheld as a group's size."""
    ledger = Ledger()
    margin = Margin(total="all", parts=("a", "b", "c"))
    one = found(count("all", 100), count("a", 3), count("b", 20), count("c", 77), margins=(margin,))
    same = Margin(total="b", parts=("again",))

    assert hidden(gate(one, DARWIN, ledger)) == {"a", "b"}
    assert hidden(gate(found(count("again", 20), margins=(same,)), DARWIN, ledger)) == {"again"}


def test_a_cell_shown_twice_says_the_same_twice():
    """Running a cell again in a kernel neither shows more nor less."""
    ledger = Ledger()
    results = (count("all", 100), count("a", 3), count("b", 20), count("c", 77))
    table = found(*results, margins=(Margin(total="all", parts=("a", "b", "c")),))

    assert gate(table, OPENSAFELY, ledger) == gate(table, OPENSAFELY, ledger)


def test_statistics_go_with_the_few_they_rest_on():
    """By the group size, the smallest group, the cell, and the count that gives them away."""
    for few in ({"n": 4}, {"n": 80, "smallest": 4}):
        assert hidden(gate(found(statistic(Measure.ODDS_RATIO, 2.0, **few)), DARWIN)) == {"s"}
    resting = statistic(Measure.ODDS_RATIO, 2.0, n=80, rests_on=("a",))
    assert hidden(gate(found(resting, count("a", 3)), DARWIN)) == {"a", "s"}
    assert not hidden(gate(found(resting, count("a", 30)), DARWIN))


@pytest.mark.parametrize(("n", "is_hidden"), [(40, False), (39, True)])
def test_no_quartile_stands_next_to_a_minimum(n, is_hidden):
    """acro: fewer than 10 of 39 lie below the first quartile, 10 of 40 do."""
    quartile = statistic(Measure.QUANTILE, 1.26, n=n)

    assert bool(hidden(gate(found(quartile), ACRO))) is is_hidden
    assert hidden(gate(found(statistic(Measure.MEDIAN, 1.2, n=11)), OPENSAFELY))
    assert not hidden(gate(found(statistic(Measure.MEDIAN, 1.2, n=12)), OPENSAFELY))


def test_acro_asks_for_ten_residual_degrees_of_freedom():
    """9 are too few, 10 are enough, and other profiles do not ask."""
    for profile, df, is_hidden in ((ACRO, 9, True), (ACRO, 10, False), (DARWIN, 9, False)):
        term = statistic(Measure.ODDS_RATIO, 2.0, n=50, residual_df=df)
        assert bool(hidden(gate(found(term), profile))) is is_hidden


@pytest.mark.parametrize("profile", [OPENSAFELY, DARWIN, ACRO])
def test_every_profile_cuts_what_would_give_exact_counts_back(profile):
    """An odds ratio keeps 2 digits, its limits outward; a median 2; no exact n stays with them."""
    ratio = statistic(Measure.ODDS_RATIO, 4.6667, n=43, ci_low=0.9765, ci_high=22.31)
    (told,) = gate(found(ratio), profile).results
    (median,) = gate(found(statistic(Measure.MEDIAN, 1.2649, n=43)), profile).results

    assert (told.value, told.ci_low, told.ci_high, told.n) == (4.7, 0.97, 23.0, None)
    assert (median.value, median.n) == (1.3, None)


@pytest.mark.parametrize("profile", [DARWIN, ACRO])
def test_a_quartile_does_not_tell_of_how_many_it_is(profile):
    """Of 148 it lies at 0.4275 between two counts, of 150 at 0.4325: both are told as 0.43.

    A third digit would tell how many have no count, and those are withheld.
    """
    told = []
    for value, n in ((0.4275, 148), (0.4325, 150)):
        (one,) = gate(found(statistic(Measure.QUANTILE, value, n=n)), profile).results
        told.append(one.value)
    assert told == [0.43, 0.43]


def test_means_keep_the_digits_that_their_patients_support():
    """605 times a mean of 12.4 less 577 times one of 12.3 is uncertain by two months."""
    values = {}
    for n in (99, 605):
        mean = statistic(Measure.MEAN, 12.3965, n=n, unit="days", ci_low=11.668, ci_high=13.125)
        (told,) = gate(found(mean), DARWIN).results
        values[n] = (told.value, told.ci_low, told.ci_high)

    assert values == {99: (12.0, 11.0, 14.0), 605: (12.4, 11.6, 13.2)}


@pytest.mark.parametrize(
    ("value", "low", "high", "printed"),
    [
        (1.04, 0.993, 1.089, "1.04 (0.99 to 1.09)"),
        (1.0034, 0.95, 1.06, "1.0 (0.95 to 1.06)"),
        (4.6667, 0.9765, 22.31, "4.7 (0.97 to 23)"),
        (0.4321, 0.2149, 0.8709, "0.43 (0.21 to 0.88)"),
        (138.4, 41.2, 465.0, "140 (41 to 470)"),
    ],
)
def test_what_was_cut_is_printed_as_it_was_cut(value, low, high, printed):
    """No zero stands for a digit that was taken away, and 1.04 beside P 0.096 is not 1.00."""
    ratio = statistic(Measure.HAZARD_RATIO, value, n=200, ci_low=low, ci_high=high)
    gated = gate(found(ratio), DARWIN)

    assert fill(CellKind.ESTIMATE_CI, ["s"], gated).text == printed


def test_limits_of_a_median_are_told_where_many_lie_beyond_them():
    """Of 300, 133 lie below the lower limit; of 12 there are 2 or 3: the limit is their day."""
    for n, has_limits in ((300, True), (12, False)):
        days = statistic(
            Measure.MEDIAN, 35.0, n=n, ci_low=21.0, ci_high=56.0, conf_level=0.95, unit="days"
        )
        (told,) = gate(found(days), DARWIN).results
        assert told.value == 35
        assert (told.ci_low is not None) is has_limits


def test_one_number_has_one_decision():
    """The mean that is withheld at the top is withheld among the criteria and in a multiverse."""
    few = statistic(Measure.MEAN, 12.396516352805, n=300, rests_on=("died",))
    again = replace(few, key="criteria/mean", rests_on=())
    summed_otherwise = replace(again, key="multiverse/a", value=12.396516352806, unit="days")
    other = replace(again, key="multiverse/b", value=12.3965, n=299)
    days = statistic(Measure.MEDIAN, 11.0, n=300, ci_low=11.0, ci_high=12.0, rests_on=("died",))
    same = replace(days, key="bootstrap/median", rests_on=())
    by_chance = replace(same, key="multiverse/c", n=288)
    ledger = Ledger()
    first = gate(found(few, count("died", 3)), DARWIN, ledger)
    second = gate(found(again, summed_otherwise, other), DARWIN, ledger)
    third = gate(found(replace(days, key="d"), same, by_chance), DARWIN, ledger)

    assert hidden(first) == {"s", "died"}
    assert hidden(second) == {"criteria/mean", "multiverse/a"}
    assert hidden(third) == {"d", "bootstrap/median"}


def test_what_only_the_gate_may_know_does_not_pass_it():
    """The smallest cell, the degrees of freedom and notes about the data are taken away."""
    secret = statistic(
        Measure.P_VALUE, 0.04, n=43, smallest=12, residual_df=30, notes=("2 cells are small",)
    )
    for profile in (OPENSAFELY, DARWIN, ACRO):
        (result,) = gate(found(secret), profile).results
        assert (result.smallest, result.residual_df, result.notes) == (None, None, ())
        assert result.rests_on == ()
        assert result.n is None


def test_a_reason_about_the_data_is_withheld_and_one_about_the_cohort_stays():
    """“Nobody was tested” says 0; “the cohort has no such table” says nothing about a person."""
    about_data = NotEstimable(key="a", label="a", reason="nobody was tested", n=0)
    about_cohort = NotEstimable(key="b", label="b", reason="the cohort has no table events")
    gated = gate(found(about_data, about_cohort), DARWIN)

    assert hidden(gated) == {"a"}
    assert "nobody" not in gated.by_key["a"].reason
    assert gated.by_key["b"] == about_cohort


def test_marks_per_patient_never_pass():
    """A scatter plot's points are rows."""
    points = PatientPoints(
        key="p", label="p", x=(1.0,) * 50, y=(2.0,) * 50, group=("",) * 50, x_label="", y_label=""
    )
    assert hidden(gate(found(points), DARWIN)) == {"p"}


def test_the_reason_does_not_tell_the_first_count_from_the_second():
    """Otherwise a reader knew that one is small and the other is not."""
    results = (count("all", 100), count("a", 3), count("b", 20), count("c", 77))
    gated = gate(found(*results, margins=(Margin(total="all", parts=("a", "b", "c")),)), DARWIN)

    assert gated.by_key["a"].reason == gated.by_key["b"].reason


def test_totals_are_sums_of_rounded_cells():
    """13 + 13 + 13 are 39, which rounds to 40; the page says 15 + 15 + 15 = 45, all the way up."""
    results = [count(key, 13) for key in "abc"]
    results += [count("top", 39), count("d", 31), count("all", 70)]
    margins = (Margin(total="all", parts=("top", "d")), Margin(total="top", parts=("a", "b", "c")))
    gated = gate(found(*results, margins=margins), OPENSAFELY).by_key

    assert gated["top"].value == 45
    assert gated["all"].value == 45 + 30


def test_nothing_changes_where_everything_may_be_shown():
    """`none` shows small counts, and only says that it was applied."""
    table = found(count("a", 1), share("b", 1, 2))

    assert gate(table, PROFILES[NONE]) == replace(table, profile=NONE)


@pytest.mark.parametrize("profile", [DARWIN, ACRO, PROFILES["opensafely"]])
def test_findings_that_only_say_that_they_passed_are_gated_all_the_same(profile):
    """A name written on them is no gate; what the gate itself has made comes back as it is."""
    before = replace(found(count("a", 1), share("b", 1, 200)), profile=profile.name)
    gated = gate(before, profile)

    assert hidden(gated) == {"a", "b"}
    assert gate(gated, profile) is gated


def test_none_is_refused_for_a_restricted_cohort_unless_internal():
    """And a name that nobody knows is refused with the nearest one."""
    with pytest.raises(UsageError, match="--internal"):
        profile_for(False, NONE, internal=False)
    assert profile_for(False, NONE, internal=True).is_open
    assert profile_for(True, NONE, internal=False).is_open
    with pytest.raises(UsageError, match="Did you mean 'opensafely'"):
        profile_for(False, "opensafly", internal=False)


def test_the_rows_of_a_file_are_not_told():
    """The patients' file has a row for each patient: its length is their exact number."""
    file = InputFile(name="patients.csv", sha256="00", n_rows=218)
    card = CohortCard(name="c", title="C", is_public=False, files=(file,))

    assert gate_card(card, DARWIN).files[0].n_rows is None
    assert gate_card(card, PROFILES[NONE]).files[0].n_rows == 218


def test_the_hash_of_a_restricted_file_is_never_told():
    """Rows that can be guessed can be tried against it, whoever was meant to read the report."""
    file = InputFile(name="events.csv", sha256="00", n_rows=3)
    for is_public, told in ((False, None), (True, "00")):
        card = CohortCard(name="c", title="C", is_public=is_public, files=(file,))
        for profile in PROFILES.values():
            assert gate_card(card, profile).files[0].sha256 == told


def look(**changes) -> Look:
    """Something that is worth a look in 12 of 40 patients."""
    said = {"rule": "r", "table": "labs", "column": "value", "sentence": "S.", "remedy": "R."}
    return Look(**{**said, "n_rows": 30, "n_patients": 12, "of": 40, **changes})


@pytest.mark.parametrize(
    ("n", "of", "darwin", "opensafely"),
    [
        (12, 40, 12, 10),
        (4, 40, None, None),
        (36, 40, None, None),  # the 4 others are as few
        (40, 40, None, None),
        (8, 40, 8, 10),
    ],
)
def test_what_is_worth_a_look_is_counted_as_any_count(n, of, darwin, opensafely):
    """Few patients, and few who lack it, are not told; nor are rows, or of how many."""
    card = CohortCard(
        name="c", title="C", is_public=False, looks=(look(n_patients=n, of=of, is_grave=True),)
    )

    for profile, expected in ((DARWIN, darwin), (PROFILES["opensafely"], opensafely)):
        (shown,) = gate_card(card, profile).looks
        assert (shown.n_patients, shown.n_rows, shown.of) == (expected, None, None)
        assert (shown.sentence, shown.is_grave) == ("S.", True)
    assert gate_card(card, PROFILES[NONE]) == card


def test_categories_that_make_up_their_denominator_need_no_margin():
    """132 met, 16 not known, 4 failed: who reads two of them and “of 152” knows the third."""
    parts = {"met": 132, "unknown": 16, "failed": 4}
    results = [count(f"c/onset/{name}/count", value, n=152) for name, value in parts.items()]

    for profile in (DARWIN, ACRO):
        gated = hidden(gate(found(*results), profile))
        assert gated == {"c/onset/failed/count", "c/onset/unknown/count"}


def test_an_equal_denominator_tells_a_withheld_total():
    """With 4 of 51 hidden, “20 of 47 missing” would give the hidden 47, and 51 − 47 are 4."""
    results = (
        count("t/all/n/count", 51), count("t/mild/n/count", 47), count("t/severe/n/count", 4),
        count("t/mild/age/missing/count", 20, n=47),
    )  # fmt: skip
    margin = Margin(total="t/all/n/count", parts=("t/mild/n/count", "t/severe/n/count"))
    gated = hidden(gate(found(*results, margins=(margin,)), DARWIN))

    assert gated >= {"t/mild/n/count", "t/severe/n/count"}
    assert gated & {"t/all/n/count", "t/mild/age/missing/count"}


def test_the_same_count_in_another_table_is_withheld_with_it():
    """With 3 censored hidden beside 13 who died, a second table must not print the 13 again."""
    ends = {"recovered": 84, "died": 13, "censored": 3}
    first = [count(f"ends/{name}/count", value, n=100) for name, value in ends.items()]
    again = count("km/died/count", 13, n=100)
    total = count("analysed/count", 100)
    margin = Margin(total="analysed/count", parts=tuple(f"ends/{name}/count" for name in ends))

    assert hidden(gate(found(total, *first, again, margins=(margin,)), DARWIN)) == {
        "ends/died/count",
        "ends/censored/count",
        "km/died/count",
    }


def test_a_share_by_a_curve_is_told_coarsely_where_counts_are_exact():
    """103/123 in full is a fraction that tells the 123 at risk; 43 of 97 were counted, and stay."""
    curve = statistic(
        Measure.PROPORTION, 103 / 123, n=126, ci_low=0.7632, ci_high=0.8914, conf_level=0.95
    )
    (told,) = gate(found(curve), DARWIN).results
    (counted,) = gate(found(share("a", 43, 97)), DARWIN).results

    assert (told.value, told.ci_low, told.ci_high) == (0.84, 0.75, 0.9)
    assert counted.value == 43 / 97


def test_groups_of_nobody_make_no_distribution():
    """80 and 63 of 143 leave nobody for a third cause, so one of the two shares has to go."""
    causes = {"a": 80, "b": 63, "c": 0}
    results = [share(f"t/all/cause/{name}/proportion", n, 143) for name, n in causes.items()]
    results += [count("t/all/n/count", 150), count("t/all/cause/missing/count", 7, n=150)]
    margins = [
        Margin(total="t/all/n/count", parts=tuple(r.key for r in results if "cause" in r.key))
    ]
    for name, value in causes.items():
        parts = [f"t/{group}/cause/{name}/proportion" for group in ("one", "two", "none", "no")]
        results += [
            share(parts[0], value - value // 3, 96),
            share(parts[1], value // 3, 47),
            *(NotEstimable(key=key, label=key, reason="nobody", n=0) for key in parts[2:]),
        ]
        margins.append(Margin(total=f"t/all/cause/{name}/proportion", parts=tuple(parts)))
    gone = hidden(gate(found(*results, margins=tuple(margins)), DARWIN))

    for group, all_ in (("all", 143), ("one", 96), ("two", 47)):
        shown = [r for r in results if f"/{group}/cause/" in r.key and r.key not in gone]
        assert sum(r.events for r in shown if r.measure is Measure.PROPORTION) < all_


def test_sums_too_many_for_a_program_are_withheld_whole(monkeypatch):
    """Where the attacker can't look, nothing is shown that hangs together with a small count."""
    monkeypatch.setattr("incohort.disclosure.audit._MOST_EQUATIONS", 0)
    results = (count("all", 100), count("a", 3), count("b", 20), count("c", 77))
    margin = Margin(total="all", parts=("a", "b", "c"))

    assert hidden(gate(found(*results, margins=(margin,)), DARWIN)) == {"all", "a", "b", "c"}


@pytest.mark.parametrize(
    ("profile", "left", "is_hidden"),
    [(DARWIN, 4, True), (DARWIN, 5, False), (ACRO, 9, True), (ACRO, 10, False)],
)
def test_whoever_is_left_of_a_group_is_a_group(profile, left, is_hidden):
    """In 60 of 64 the sex is recorded: no margin says so, but the four are not told of."""
    results = (
        count("t/all/n/count", 60 + left), share("t/all/sex/female/proportion", 35, 60),
        share("t/all/sex/male/proportion", 25, 60),
    )  # fmt: skip

    assert bool(hidden(gate(found(*results), profile))) is is_hidden


def test_who_is_left_of_a_flow_is_a_group():
    """56 of 300 were late, and 55 late and treated: the one who was not is told by no step."""
    results = (count("flow/all/count", 300), count("late", 56), count("late_treated", 55))
    margins = (Margin(total="late", parts=("late_treated",)),)

    assert hidden(gate(found(*results, margins=margins), DARWIN)) == {"late_treated"}
