"""The gate on small tables whose answer can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from incohort.cohort import open_cohort
from incohort.disclosure import NONE, PROFILES, Ledger, gate, gate_card, profile_for
from incohort.disclosure.lessened import without_words
from incohort.errors import UsageError
from incohort.results import (
    Cell,
    CellKind,
    CohortCard,
    Column,
    Estimate,
    Findings,
    InputFile,
    Layout,
    Look,
    Measure,
    NotEstimable,
    PatientPoints,
    Row,
    Suppressed,
    Table,
)
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base, Members
from incohort.shapes.telling import Draft, telling
from incohort.stats import HypothesisTest, Interval
from incohort.stats.proportions import proportion
from incohort.tables.cells import fill

OPENSAFELY, DARWIN, ACRO = (PROFILES[name] for name in ("opensafely", "darwin", "acro"))


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="t")


def people(columns: str, *groups: tuple) -> Base:
    """Patients by some columns: of each group its categories (None: not recorded), and how many."""
    rows = [group[:-1] for group in groups for _ in range(group[-1])]
    frame = pd.DataFrame(rows, columns=columns.split(), dtype="object")
    frame["patient_id"] = [f"P{number}" for number in range(len(frame))]
    base = Base("patients", frame)
    for place, name in enumerate(columns.split()):
        words = dict.fromkeys(group[place] for group in groups if group[place] is not None)
        base.cut(name, frame[name], words)
    return base


def several(n: int) -> Members:
    """So many patients, of whom nothing else is known."""
    return people("kind", ("a", n)).everybody


def kinds(base: Base, *names: str) -> Draft:
    """How many are of each kind, and with `all` how many there are."""
    draft = telling(scope())
    for name in names:
        draft.count_in(name, name, base.everybody.where("kind", name) if name != "all"
                      else base.everybody)  # fmt: skip
    return draft


def asked(draft: Draft) -> Findings:
    """What was told, as one cell of a notebook."""
    return draft.findings("f", "F", Layout())


def interval(estimate: float, low: float, high: float) -> Interval:
    """An estimate with its limits, as an estimator gives it."""
    return Interval(estimate=estimate, ci_low=low, ci_high=high, conf_level=0.95, method="m")


def statistic(measure: Measure, value: float, *sets: Members, **more) -> Findings:
    """A number that was worked out from sets, with its limits if there are any."""
    draft = telling(scope())
    low_high = more.pop("ci", None)
    answer = value if low_high is None else interval(value, *low_high)
    draft.statistic_in("s", "s", measure, answer, sets, **more)
    return asked(draft)


def share(events: int, n: int) -> Findings:
    """How many of so many."""
    base = people("kind", ("a", events), ("b", n - events))
    draft = telling(scope())
    draft.share_in("a", "a", base.everybody.where("kind", "a"), base.everybody)
    return asked(draft)


def hidden(findings: Findings) -> set[str]:
    """What is withheld, of a share its denominator alone, too."""
    return {r.key.removeprefix("t/") for r in findings.results if isinstance(r, Suppressed)}


def printed(findings: Findings) -> set[int]:
    """Every number of patients that is shown, of a share both."""
    found = set()
    for result in findings.results:
        if isinstance(result, Suppressed) and result.events is not None:
            found.add(result.events)
        if isinstance(result, Estimate):
            is_count = result.measure is Measure.COUNT
            numbers = (result.value if is_count else None, result.events, result.n)
            found |= {int(number) for number in numbers if number is not None}
    return found


TABLE = people("kind", ("a", 3), ("b", 20), ("c", 77))


@pytest.mark.parametrize(("profile", "smallest_shown"), [(OPENSAFELY, 8), (DARWIN, 5), (ACRO, 10)])
def test_a_count_is_shown_from_the_threshold_on(profile, smallest_shown):
    """Redacted is up to 7 by opensafely, below 5 by darwin, below 10 by acro, and 0 by all."""
    for value, is_hidden in ((0, True), (smallest_shown - 1, True), (smallest_shown, False)):
        base = people("kind", ("a", value), ("b", 90))
        assert bool(hidden(gate(asked(kinds(base, "a")), profile))) is is_hidden


@pytest.mark.parametrize(("value", "shown"), [(8, 10), (12, 10), (13, 15), (97, 95), (98, 100)])
def test_opensafely_rounds_to_the_nearest_five(value, shown):
    """8 to 12 are shown as 10, 13 to 17 as 15."""
    base = people("kind", ("a", value))
    (result,) = gate(asked(kinds(base, "all")), OPENSAFELY).results

    assert (result.value, result.n) == (shown, shown)


def test_a_percentage_goes_with_its_count_and_with_its_complement():
    """3 of 100 and 97 of 100 tell of the same 3 people; 0 and 100 % tell of everybody."""
    for events in (0, 3, 97, 100):
        assert hidden(gate(share(events, 100), DARWIN)) == {"a"}
    assert not hidden(gate(share(50, 100), DARWIN))


def test_a_rounded_percentage_and_its_interval_come_from_the_rounded_counts():
    """43 of 97 is shown as 45 of 95, with Wilson's interval of just that."""
    (result,) = gate(share(43, 97), OPENSAFELY).results
    wilson = proportion(45, 95)

    assert (result.events, result.n, result.value) == (45, 95, 45 / 95)
    assert (result.ci_low, result.ci_high) == (wilson.ci_low, wilson.ci_high)


def test_a_second_count_goes_so_that_subtraction_gives_nothing_back():
    """3 + 20 + 77 = 100: with 3 hidden alone, 100 − 77 − 20 would be 3; 20, the smallest, goes.

    Rounded, 98 to 102 less 18 to 22 and 73 to 77 are up to 11: nobody can tell that it is few.
    """
    table = asked(kinds(TABLE, "all", "a", "b", "c"))
    for profile in (DARWIN, ACRO):
        assert hidden(gate(table, profile)) == {"a", "b"}
    assert hidden(gate(table, OPENSAFELY)) == {"a"}


def test_two_hidden_counts_that_are_small_together_take_a_third_along():
    """1 + 2 is known to be 3 from the rest; only a third makes the sum exceed the limit."""
    base = people("kind", ("a", 1), ("b", 2), ("c", 30), ("d", 50))

    assert hidden(gate(asked(kinds(base, "all", *"abcd")), DARWIN)) == {"a", "b", "c"}


def test_one_of_two_goes_where_nothing_else_is_left():
    """Of 104 with 100 hides nobody the 4: either of them has to go, and what is small itself."""
    base = people("kind", ("a", 4), ("b", 100))
    gone = hidden(gate(asked(kinds(base, "all", "a", "b")), DARWIN))

    assert gone in ({"a", "b"}, {"a", "all"})
    alone = people("kind", ("a", 4))
    assert hidden(gate(asked(kinds(alone, "all", "a")), DARWIN)) == {"all", "a"}


def test_a_denominator_tells_who_is_missing():
    """57 of 97 known and 100 patients: the 3 missing are hidden only if not both are shown."""
    base = people("sex", ("male", 57), ("female", 40), (None, 3))
    draft, known = telling(scope()), base.everybody.known("sex")
    draft.count_in("all", "all", base.everybody)
    for sex in ("male", "female"):
        draft.share_in(sex, sex, known.where("sex", sex), known)
    draft.count_in("missing", "missing", base.everybody.unknown("sex"), of=base.everybody)
    gated = gate(asked(draft), DARWIN)

    assert "missing" in hidden(gated)
    assert not printed(gated) >= {100, 97}
    assert not printed(gated) >= {100, 57, 40}
    assert printed(gated) & {57, 40}  # and no more than must be


def test_tables_of_two_ways_are_closed_in_both():
    """Of 2 × 3 cells with one small, four must go: a pair in its row and the same in its column."""
    cells = {"a1": 2, "a2": 20, "a3": 30, "b1": 40, "b2": 50, "b3": 60}
    base = people("row column", *((*name, n) for name, n in cells.items()))
    draft, everybody = telling(scope()), base.everybody
    draft.count_in("all", "all", everybody)
    for row in "ab":
        draft.count_in(row, row, everybody.where("row", row))
    for column in "123":
        draft.count_in(column, column, everybody.where("column", column))
    for name in cells:
        draft.count_in(name, name, everybody.where("row", name[0]).where("column", name[1]))

    assert hidden(gate(asked(draft), DARWIN)) == {"a1", "a2", "b1", "b2"}


def test_what_one_table_withheld_no_later_one_gives_back():
    """A total that stands in another cell of the notebook is withheld there, too."""
    base, ledger = people("kind", ("a", 3), ("b", 60)), Ledger()
    first = gate(asked(kinds(base, "a", "b")), DARWIN, ledger)
    second = gate(asked(kinds(base, "all")), DARWIN, ledger)

    assert hidden(first) == {"a"}  # nothing there to subtract from
    assert hidden(second) == {"all"}
    assert not hidden(gate(asked(kinds(base, "all")), DARWIN, Ledger()))


def test_the_same_patients_get_the_same_decision_under_another_key():
    """A count that was withheld in one table is withheld as another one's."""
    ledger = Ledger()
    again = telling(scope())
    again.count_in("again", "again", TABLE.everybody.where("kind", "b"))

    table = asked(kinds(TABLE, "all", "a", "b", "c"))
    assert hidden(gate(table, DARWIN, ledger)) == {"a", "b"}
    assert hidden(gate(asked(again), DARWIN, ledger)) == {"again"}


def test_a_cell_shown_twice_says_the_same_twice():
    """Running a cell again in a kernel neither shows more nor less."""
    ledger, table = Ledger(), asked(kinds(TABLE, "all", "a", "b", "c"))

    assert gate(table, OPENSAFELY, ledger) == gate(table, OPENSAFELY, ledger)


def test_statistics_go_with_the_few_they_rest_on():
    """By the size of their group, by a cell, and by a count that would give the few away."""
    everybody = TABLE.everybody
    few, some = (everybody.where("kind", kind) for kind in "ab")
    for sets in ((few,), (everybody, few)):
        assert hidden(gate(statistic(Measure.ODDS_RATIO, 2.0, *sets), DARWIN)) == {"s"}
    draft = kinds(TABLE, "all", "a", "b", "c")
    many = everybody.where("kind", "c")
    draft.statistic_in("s", "s", Measure.ODDS_RATIO, 2.0, (everybody, some, many))
    assert hidden(gate(asked(draft), DARWIN)) == {"a", "b", "s"}
    assert not hidden(gate(statistic(Measure.ODDS_RATIO, 2.0, everybody, some), DARWIN))


@pytest.mark.parametrize(("n", "is_hidden"), [(40, False), (39, True)])
def test_no_quartile_stands_next_to_a_minimum(n, is_hidden):
    """acro: fewer than 10 of 39 lie below the first quartile, 10 of 40 do."""
    quartile = statistic(Measure.QUANTILE, 1.26, several(n))

    assert bool(hidden(gate(quartile, ACRO))) is is_hidden
    assert hidden(gate(statistic(Measure.MEDIAN, 1.2, several(11)), OPENSAFELY))
    assert not hidden(gate(statistic(Measure.MEDIAN, 1.2, several(12)), OPENSAFELY))


def test_acro_asks_for_ten_residual_degrees_of_freedom():
    """9 are too few, 10 are enough, and other profiles do not ask."""
    for profile, df, is_hidden in ((ACRO, 9, True), (ACRO, 10, False), (DARWIN, 9, False)):
        draft = telling(scope())
        answer = interval(2.0, 1.0, 4.0)
        draft.statistic_in("s", "s", Measure.ODDS_RATIO, answer, (several(50),), residual_df=df)
        assert bool(hidden(gate(asked(draft), profile))) is is_hidden


@pytest.mark.parametrize("profile", [OPENSAFELY, DARWIN, ACRO])
def test_every_profile_cuts_what_would_give_exact_counts_back(profile):
    """An odds ratio keeps 2 digits, its limits outward; a median 2; no exact n stays with them."""
    ratio = statistic(Measure.ODDS_RATIO, 4.6667, several(43), ci=(0.9765, 22.31))
    (draft,) = gate(ratio, profile).results
    (median,) = gate(statistic(Measure.MEDIAN, 1.2649, several(43)), profile).results

    assert (draft.value, draft.ci_low, draft.ci_high, draft.n) == (4.7, 0.97, 23.0, None)
    assert (median.value, median.n) == (1.3, None)


@pytest.mark.parametrize("profile", [DARWIN, ACRO])
def test_a_quartile_does_not_tell_of_how_many_it_is(profile):
    """Of 148 it lies at 0.4275 between two counts, of 150 at 0.4325: both are told as 0.43.

    A third digit would tell how many have no count, and those are withheld.
    """
    draft = []
    for value, n in ((0.4275, 148), (0.4325, 150)):
        (one,) = gate(statistic(Measure.QUANTILE, value, several(n)), profile).results
        draft.append(one.value)
    assert draft == [0.43, 0.43]


def test_means_keep_the_digits_that_their_patients_support():
    """605 times a mean of 12.4 less 577 times one of 12.3 is uncertain by two months."""
    values = {}
    for n in (99, 605):
        mean = statistic(Measure.MEAN, 12.3965, several(n), unit="days", ci=(11.668, 13.125))
        (draft,) = gate(mean, DARWIN).results
        values[n] = (draft.value, draft.ci_low, draft.ci_high)

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
    gated = gate(statistic(Measure.HAZARD_RATIO, value, several(200), ci=(low, high)), DARWIN)

    assert fill(CellKind.ESTIMATE_CI, ["t/s"], gated).text == printed


def test_limits_of_a_median_are_told_where_many_lie_beyond_them():
    """Of 300, 133 lie below the lower limit; of 12 there are 2 or 3: the limit is their day."""
    for n, has_limits in ((300, True), (12, False)):
        days = statistic(Measure.MEDIAN, 35.0, several(n), unit="days", ci=(21.0, 56.0))
        (draft,) = gate(days, DARWIN).results
        assert draft.value == 35
        assert (draft.ci_low is not None) is has_limits


def test_one_number_has_one_decision():
    """The mean that is withheld at the top is withheld among the criteria and in a multiverse."""
    base = people("end part", ("died", "a", 3), ("alive", "a", 285), ("alive", "b", 12))
    everybody = base.everybody
    died, part = everybody.where("end", "died"), everybody.where("part", "a")
    days = interval(11.0, 11.0, 12.0)
    ledger, cells = Ledger(), (telling(scope()), telling(scope()), telling(scope()))
    cells[0].statistic_in("s", "s", Measure.MEAN, 12.396516352805, (everybody, died))
    cells[0].count_in("died", "died", died)
    for key, value, unit in (("criteria/mean", 12.396516352805, ""),
                             ("multiverse/a", 12.396516352806, "days")):  # fmt: skip
        cells[1].statistic_in(key, key, Measure.MEAN, value, (everybody,), unit=unit)
    cells[1].statistic_in("multiverse/b", "b", Measure.MEAN, 12.3965, (part,))
    cells[2].statistic_in("d", "d", Measure.MEDIAN, days, (everybody, died), n=300)
    cells[2].statistic_in("bootstrap/median", "m", Measure.MEDIAN, days, (everybody,), n=300)
    cells[2].statistic_in("multiverse/c", "c", Measure.MEDIAN, days, (part,))
    gone = [hidden(gate(asked(draft), DARWIN, ledger)) for draft in cells]

    assert gone == [
        {"s", "died"}, {"criteria/mean", "multiverse/a"}, {"d", "bootstrap/median"},
    ]  # fmt: skip


def test_what_only_the_gate_may_know_does_not_pass_it():
    """The degrees of freedom, notes about the data and whose it is are taken away."""
    answer, notes = (
        HypothesisTest(statistic=None, p_value=0.04, df=None, method=""),
        ("2 cells are small",),
    )
    draft = telling(scope())
    draft.test_in("p", "P", answer, (several(43),), notes=notes, residual_df=30)
    before = asked(draft)
    for profile in (OPENSAFELY, DARWIN, ACRO):
        gated = gate(before, profile)
        (result,) = gated.results
        assert (result.residual_df, result.notes, result.n) == (None, (), None)
        assert (gated.whose, gated.censuses, gated.given, gated.from_counts) == ((), (), set(), {})
    assert before.by_key["t/p"].notes == notes


def test_a_reason_about_the_data_is_withheld_and_one_about_the_cohort_stays():
    """“Nobody was tested” says 0; “the cohort has no such table” says nothing about a person."""
    base = people("assay", ("positive", 0), (None, 30))
    draft, tested = telling(scope()), base.everybody.known("assay")
    draft.share_in("a", "a", tested.where("assay", "positive"), tested, nobody="nobody was tested")
    draft.count_in("b", "b", base.everybody, absent="the cohort has no table events")
    before = asked(draft)
    gated = gate(before, DARWIN)

    assert isinstance(before.by_key["t/a"], NotEstimable)
    assert hidden(gated) == {"a"}
    assert "nobody" not in gated.by_key["t/a"].reason
    assert gated.by_key["t/b"] == before.by_key["t/b"]


def test_marks_per_patient_never_pass():
    """A scatter plot's points are rows."""
    draft = telling(scope())
    points = PatientPoints(
        key="t/p", label="p", x=(1.0,) * 50, y=(2.0,) * 50, group=("",) * 50, x_label="", y_label=""
    )
    draft.drawn_in(points, several(50))
    assert hidden(gate(asked(draft), DARWIN)) == {"p"}


def test_the_reason_does_not_tell_the_first_count_from_the_second():
    """Otherwise a reader knew that one is small and the other is not."""
    gated = gate(asked(kinds(TABLE, "all", "a", "b", "c")), DARWIN)

    assert gated.by_key["t/a"].reason == gated.by_key["t/b"].reason


def test_totals_are_sums_of_rounded_cells():
    """13 + 13 + 13 are 39, which rounds to 40; the page says 15 + 15 + 15 = 45, all the way up."""
    base = people("kind", ("a", 13), ("b", 13), ("c", 13), ("d", 31))
    draft = kinds(base, *"abcd")
    draft.count_in("top", "top", base.everybody.where("kind", *"abc"))
    draft.count_in("all", "all", base.everybody)
    gated = gate(asked(draft), OPENSAFELY).by_key

    assert gated["t/top"].value == 45
    assert gated["t/all"].value == 45 + 30


def test_nothing_changes_where_everything_may_be_shown():
    """`none` shows small counts, and only says that it was applied."""
    table = asked(kinds(TABLE, "a"))
    gated = gate(table, PROFILES[NONE])

    assert gated.by_key["t/a"].value == 3
    assert (gated.results, gated.profile) == (table.results, NONE)
    assert not PROFILES[NONE].is_rounding  # so that a published figure is held against it exactly


@pytest.mark.parametrize("profile", [DARWIN, ACRO, PROFILES["opensafely"]])
def test_findings_that_only_say_that_they_passed_are_gated_all_the_same(profile):
    """A name written on them is no gate; what the gate itself has made comes back as it is."""
    before = replace(asked(kinds(TABLE, "a")), profile=profile.name)
    gated = gate(before, profile)

    assert hidden(gated) == {"a"}
    assert gate(gated, profile) is gated


@pytest.mark.parametrize("profile", [DARWIN, ACRO, PROFILES["opensafely"]])
def test_a_number_that_names_no_set_is_refused_with_what_to_do_instead(profile):
    """Written by hand it is not shown, whatever it is; what does name its set is, beside it."""
    draft = kinds(TABLE, "all")
    by_hand = (
        Estimate(key="mine/n", label="N", measure=Measure.COUNT, value=200.0, n=200),
        NotEstimable(key="mine/none", label="None", reason="P015 has no count"),
        Suppressed(key="mine/gone", label="Gone", reason="it is 3", events=3),
    )
    before = replace(asked(draft), results=(*draft.results.values(), *by_hand))
    gated = gate(before, profile)

    assert gated.by_key["t/all"].value == 100
    for result in by_hand:
        assert gated.by_key[result.key] == Suppressed(
            key=result.key, label=result.label,
            reason=f"'{result.key}' names no set of patients, or is not how many are in it: make "
            "it with count_in, share_in or statistic_in of ic.patients(cohort).telling(), or, "
            f"where it is no person's number, with given (disclosure profile {profile.name})",
        )  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"value": 20.0}, {"n": 100}, {"measure": Measure.PROPORTION, "events": 77, "n": 99}]
)
def test_a_number_that_is_not_that_of_its_set_is_refused(change):
    """The 77 of kind c are said to be 20, of 100, or 77 of 99: the set would guard another."""
    draft = kinds(TABLE, "b", "c")
    draft.results["t/c"] = replace(draft.results["t/c"], **change)
    gated = gate(asked(draft), DARWIN)

    assert gated.by_key["t/b"].value == 20
    assert "is not how many are in it" in gated.by_key["t/c"].reason


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
    for is_public, draft in ((False, None), (True, "00")):
        card = CohortCard(name="c", title="C", is_public=is_public, files=(file,))
        for profile in PROFILES.values():
            assert gate_card(card, profile).files[0].sha256 == draft


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


def test_categories_that_make_up_their_denominator_tell_the_one_withheld():
    """132 met, 16 not known, 4 failed: who reads two of them and “of 152” knows the third."""
    base = people("onset", ("met", 132), ("unknown", 16), ("failed", 4))
    draft = telling(scope())
    for name in ("met", "unknown", "failed"):
        draft.count_in(name, name, base.everybody.where("onset", name), of=base.everybody)

    for profile in (DARWIN, ACRO):
        gated = gate(asked(draft), profile)
        assert "failed" in hidden(gated)
        assert not printed(gated) >= {132, 16, 152}


def test_an_equal_denominator_tells_a_withheld_total():
    """With 4 of 51 hidden, “20 of 47 missing” would give the hidden 47, and 51 − 47 are 4."""
    base = people("grade age", ("mild", None, 20), ("mild", "old", 27), ("severe", "old", 4))
    draft, mild = telling(scope()), base.everybody.where("grade", "mild")
    draft.count_in("all", "all", base.everybody)
    draft.count_in("mild", "mild", mild)
    draft.count_in("severe", "severe", base.everybody.where("grade", "severe"))
    draft.count_in("missing", "missing", mild.unknown("age"), of=mild)
    gated = gate(asked(draft), DARWIN)

    assert "severe" in hidden(gated)
    assert not printed(gated) >= {51, 47}
    assert 20 in printed(gated)


def test_the_same_count_in_another_table_is_withheld_with_it():
    """With 3 censored hidden beside 13 who died, a second table must not print the 13 again."""
    base = people("end", ("recovered", 84), ("died", 13), ("censored", 3))
    draft = telling(scope())
    draft.count_in("all", "all", base.everybody)
    for end in ("recovered", "died", "censored"):
        draft.count_in(end, end, base.everybody.where("end", end), of=base.everybody)
    draft.count_in("km/died", "died", base.everybody.where("end", "died"), of=base.everybody)

    gone = hidden(gate(asked(draft), DARWIN))
    assert gone >= {"censored"}
    assert ("died" in gone) == ("km/died" in gone)
    assert len(gone & {"recovered", "died"}) == 1


def test_a_share_by_a_curve_is_told_coarsely_where_counts_are_exact():
    """103/123 in full is a fraction that tells the 123 at risk; 43 of 97 were counted, and stay."""
    curve = telling(scope())
    by_day = interval(103 / 123, 0.7632, 0.8914)
    curve.interval_in("s", "s", Measure.PROPORTION, by_day, several(126))
    (draft,) = gate(asked(curve), DARWIN).results
    (counted,) = gate(share(43, 97), DARWIN).results

    assert (draft.value, draft.ci_low, draft.ci_high) == (0.84, 0.75, 0.9)
    assert counted.value == 43 / 97


def test_groups_of_nobody_make_no_distribution():
    """80 and 63 of 143 leave nobody for a third cause, so one of the two shares has to go."""
    base = people(
        "group cause", ("one", "a", 54), ("two", "a", 26), ("one", "b", 42), ("two", "b", 21),
        ("one", None, 4), ("two", None, 3), ("one", "c", 0), ("three", "a", 0),
    )  # fmt: skip
    draft, known = telling(scope()), base.everybody.known("cause")
    sizes = {"all": known} | {name: known.where("group", name) for name in ("one", "two", "three")}
    for name, group in sizes.items():
        draft.count_in(f"{name}/n", name, group)
        for cause in "abc":
            draft.share_in(f"{name}/{cause}", cause, group.where("cause", cause), group)
    gated = gate(asked(draft), DARWIN).by_key

    for name in ("all", "one", "two"):
        shown = [gated[f"t/{name}/{cause}"] for cause in "abc"]
        size = gated[f"t/{name}/n"]
        events = [result.events for result in shown if result.events is not None]
        is_size_told = isinstance(size, Estimate) or any(isinstance(r, Estimate) for r in shown)
        assert sum(events) < len(sizes[name]) or not is_size_told


def test_sums_too_many_for_a_program_are_withheld_whole(monkeypatch):
    """Where the attacker can't look, nothing is shown that hangs together with a small count."""
    monkeypatch.setattr("incohort.disclosure.worlds._MOST_EQUATIONS", 0)

    table = asked(kinds(TABLE, "all", "a", "b", "c"))
    assert hidden(gate(table, DARWIN)) == {"all", "a", "b", "c"}


@pytest.mark.parametrize(
    ("profile", "left", "is_hidden"),
    [(DARWIN, 4, True), (DARWIN, 5, False), (ACRO, 9, True), (ACRO, 10, False)],
)
def test_whoever_is_left_of_a_group_is_a_group(profile, left, is_hidden):
    """In 60 of 64 the sex is recorded: no result is of the four, but they are not told of."""
    base = people("sex", ("female", 35), ("male", 25), (None, left))
    draft, known = telling(scope()), base.everybody.known("sex")
    draft.count_in("n", "n", base.everybody)
    for sex in ("female", "male"):
        draft.share_in(sex, sex, known.where("sex", sex), known)

    assert bool(hidden(gate(asked(draft), profile))) is is_hidden


def test_who_is_left_of_a_flow_is_a_group():
    """56 of 300 were late, and 55 late and treated: the one who was not is told by no step."""
    base = people("late treated", ("no", "no", 244), ("yes", "yes", 55), ("yes", "no", 1))
    draft, late = telling(scope()), base.everybody.where("late", "yes")
    draft.count_in("all", "all", base.everybody)
    draft.count_in("late", "late", late)
    draft.count_in("late_treated", "late and treated", late.where("treated", "yes"))

    assert hidden(gate(asked(draft), DARWIN)) == {"late_treated"}


def test_in_a_report_with_less_in_it_no_word_tells_of_nobody():
    """A row without a number is not there, and 0 in words is a dash: who came since had a gap."""
    share = Estimate(key="a/n", label="n", measure=Measure.COUNT, value=20.0, n=20)
    gone = Suppressed(key="a/few", label="few", reason="few")
    nobody = Cell(CellKind.TEXT, text="0")
    rows = (
        Row("Sex", ()),
        Row("Not recorded", (Cell(CellKind.COUNT, ("a/few",)), nobody)),
        Row("Nobody", (nobody, nobody)),
        Row("All", (Cell(CellKind.COUNT, ("a/n",)), nobody)),
    )
    table = Table(
        key="a/t", caption="T", stub_head="", columns=(Column("x"), Column("y")), rows=rows
    )
    (left,) = without_words(Layout(tables=(table,)), {"a/n": share, "a/few": gone}).tables

    assert [row.label for row in left.rows] == ["Sex", "All"]
    assert left.rows[1].cells[1].text == "–"
