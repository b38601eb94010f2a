"""Shapes that ask something of sets: what they count, and whose they say that it is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from incohort.cohort import Cohort
from incohort.disclosure import PROFILES, gate
from incohort.results import CohortCard, Estimate, Layout, Measure, NotEstimable, Suppressed
from incohort.shapes.characteristics import Variable
from incohort.shapes.correlations import correlations, points
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.groups import Group
from incohort.shapes.making import Scope
from incohort.shapes.overlap import ResultColumn, overlap
from incohort.shapes.ratios import Ratio, Ratios
from incohort.shapes.sentences import sentence
from incohort.shapes.sets import Base
from incohort.shapes.shares import Asked, shares
from incohort.shapes.tabular import figure
from incohort.shapes.telling import Draft, telling
from incohort.shapes.times import Times, persons_at, placed
from incohort.shapes.two_by_two import TwoByTwo
from incohort.shapes.values_by_group import ValuesByGroup
from incohort.stats import Interval, NoEstimate, then

# Sex, infections, gift, gat, and two values of each patient; blanks are not recorded.
ROWS = [
    *[("female", True, "positive", "positive", 1.0, 2.0)] * 6,
    *[("female", False, "positive", "negative", 3.0, None)] * 7,
    *[("male", True, "negative", "negative", 2.0, 1.0)] * 5,
    *[("male", False, "negative", None, 5.0, 4.0)] * 8,
    *[("male", None, None, "positive", None, 3.0)] * 2,
    *[(None, True, "indeterminate", "negative", 4.0, 6.0)] * 3,
]
BOTH = ("gift", "gat")
X, Y = (
    Variable(name=name, column=name, label=name, unit="g/L", sources=(f"labs.{name}",))
    for name in ("x", "y")
)


@pytest.fixture
def base() -> Base:
    """These patients, as sets."""
    frame = pd.DataFrame(ROWS, columns=["sex", "infected", "assay_gift", "assay_gat", "x", "y"])
    frame.insert(0, "patient_id", [f"P{i:02}" for i in range(len(frame))])
    own = Base("patients", frame)
    own.cut("sex", frame["sex"], ("female", "male"))
    own.flag("infected", frame["infected"])
    for assay in ("assay_gift", "assay_gat"):
        own.cut(assay, frame[assay], ("positive", "negative", "indeterminate"))
    return own


def draft_of(*, is_public: bool = False) -> Draft:
    card = CohortCard(name="own", title="Own", is_public=is_public)
    cohort = Cohort(name="own", card=card, tables={}, origins={}, held=frozenset())
    return telling(Scope(cohort=cohort, prefix="p"))


def compared(draft: Draft, base: Base) -> TwoByTwo:
    women, men = (base.everybody.where("sex", sex) for sex in ("female", "male"))
    whole = base.everybody.where("sex", "female", "male").known("infected")
    return TwoByTwo(
        draft=draft, first=women, second=men, axis="infected", events=("yes",), whole=whole
    )


def test_two_by_two_rests_on_four_cells_that_part_the_whole(base):
    """Of 6 + 7 women and 5 + 8 men; the two men of whom it is not recorded are in no cell."""
    draft = draft_of()
    two = compared(draft, base)
    key = two.odds_ratio("or", "Odds ratio", "sample")
    whose = draft.whose[key]
    cells = np.sum([base.census.rows(cell) for cell in whose.rests_on[:4]], axis=0)

    assert two.counts == [[6, 7], [5, 8]]
    assert draft.results[key].value == pytest.approx((6 / 7) / (5 / 8))
    assert draft.results[key].n == 26
    assert (cells == base.census.rows(whose.of)).all()


def test_a_two_by_two_with_a_small_cell_is_withheld(base):
    """Under a limit of 9 no cell may be told, and so neither may what follows from them."""
    draft = draft_of()
    two = compared(draft, base)
    asked = [two.difference("d", "D"), two.risk_ratio("r", "R"), two.odds_ratio("o", "O"),
             two.fisher("f", "F"), two.chi_square("c", "C")]  # fmt: skip
    findings = draft.findings("t", "T", Layout())

    assert all(isinstance(draft.results[key], Estimate) for key in asked)
    assert all(isinstance(r, Suppressed) for r in gate(findings, PROFILES["acro"]).results)
    assert all(isinstance(r, Estimate) for r in gate(findings, PROFILES["darwin"]).results)


def test_a_reason_in_no_patient_stands_for_all_that_compares(base):
    """That a table is missing is said of each number, and is shown."""
    draft = draft_of()
    two = compared(draft, base)
    lacking = TwoByTwo(
        draft=draft, first=two.first, second=two.second, axis=two.axis, events=two.events,
        whole=two.whole, reason="the cohort has no table events",
    )  # fmt: skip
    lacking.difference("d", "D")
    lacking.fisher("f", "F")
    after = gate(draft.findings("t", "T", Layout()), PROFILES["acro"])

    assert [r.reason for r in after.results] == ["the cohort has no table events"] * 2


def test_an_odds_ratio_without_bound_has_the_smallest_cell_behind_it(base):
    """Nobody is without the outcome in one group: a reason, of 0 patients, and withheld."""
    draft = draft_of()
    everybody = base.everybody
    two = TwoByTwo(
        draft=draft, first=everybody.where("assay_gat", "positive"),
        second=everybody.where("assay_gat", "negative"), axis="sex", events=("female",),
        whole=everybody.where("assay_gat", "positive", "negative").known("sex"),
    )  # fmt: skip
    two.odds_ratio("o", "O", "sample")
    one = TwoByTwo(
        draft=draft, first=everybody.where("infected", "yes"),
        second=everybody.where("sex", "male"), axis="assay_gift", events=("positive",),
        whole=everybody,
    )  # fmt: skip
    key = one.odds_ratio("none", "None", "sample")

    assert isinstance(draft.results[key], NotEstimable)
    assert draft.results[key].n == 0
    after = gate(draft.findings("t", "T", Layout()), PROFILES["darwin"])
    assert isinstance(after.by_key[key], Suppressed)


@pytest.mark.parametrize(
    ("is_public", "labels"),
    [(True, ["GIFT", "GIFT & GAT", "None"]), (False, ["GIFT", "GAT", "GIFT & GAT", "None"])],
)
def test_sets_of_positive_tests_make_up_those_who_had_all(base, is_public, labels):
    """Of 18 with both 7 GIFT alone, 6 both, 5 none; a restricted cohort lists GAT alone, too."""
    draft = draft_of(is_public=is_public)
    tests = {name: ResultColumn(label=name.upper(), column=f"assay_{name}") for name in BOTH}
    keys = overlap(draft, "o", tests, base.everybody, "Tested by both")
    n = {label: draft.results[key].value for label, key in keys.items()}

    assert list(n) == labels
    assert {"GAT": 0} | n == {"GIFT": 7, "GAT": 0, "GIFT & GAT": 6, "None": 5}
    assert draft.results["p/o/total/count"].value == sum(n.values()) == 18


def test_with_one_test_nothing_overlaps(base):
    """One assay has no sets."""
    gift = {"gift": ResultColumn(label="GIFT", column="assay_gift")}
    assert overlap(draft_of(), "o", gift, base.everybody, "Tested") == {}


def test_shares_side_by_side_are_each_of_their_own_set(base):
    """6 of 13 women and 5 of 13 men; a set of nobody has a reason in its row."""
    draft, everybody = draft_of(), base.everybody
    asked = [
        Fraction(tail=f"{sex}/proportion", label=sex, head=sex, nobody="nobody is there",
                 events=everybody.where("sex", sex).where("infected", "yes"),
                 of=everybody.where("sex", sex).known("infected"), sources=(f"patients.{sex}",))
        for sex in ("female", "male", "other")
    ]  # fmt: skip
    found = fractions(draft, "With / all", asked)
    results = [draft.results[key] for key in found.keys.values()]

    assert [(r.events, r.n) for r in results[:2]] == [(6, 13), (5, 13)]
    assert results[2].reason == "nobody is there"
    assert [row.label for row in found.rows] == ["female", "male", "other"]
    assert results[0].sources == ("patients.female",)
    assert draft.sources == ()


def test_pairs_and_those_without_one_make_up_all(base):
    """Of 31 patients 22 have both values; the cloud of points is nobody's to see."""
    draft = draft_of()
    keys = correlations(draft, "c", "x and y", X, Y, base.everybody)
    both = [(x, y) for *_, x, y in ROWS if x is not None and y is not None]
    r = np.corrcoef(*zip(*both, strict=True))[0, 1]
    cloud = points(draft, "c/points", "Points", X, Y, base.everybody)

    assert draft.results[keys["n"]].value == len(both) == 22
    assert draft.results["p/c/incomplete/count"].value == len(ROWS) - len(both)
    assert draft.results[keys["pearson"]].value == pytest.approx(r)
    assert draft.results[keys["r_squared"]].value == pytest.approx(r**2)
    assert sorted(zip(draft.results[cloud].x, draft.results[cloud].y, strict=True)) == sorted(both)
    after = gate(draft.findings("t", "T", Layout()), PROFILES["darwin"])
    assert isinstance(after.by_key[cloud], Suppressed)


def test_those_who_are_complete_and_the_others_share_nobody(base):
    """Known sex, infections and x: 26 of 31; whoever lacks one is with the others, once."""
    everybody = base.everybody
    asked = (everybody.known("sex"), everybody.known("infected"),
             everybody.where(base.recorded("x"), "yes"))  # fmt: skip
    complete, others = everybody.complete(*asked)

    assert len(complete) == sum(None not in row[:2] and row[4] is not None for row in ROWS)
    assert len(complete) + len(others) == len(ROWS)
    assert not (complete.mask & others.mask).any()
    assert len(everybody.complete()[1]) == 0


def test_values_of_two_groups_are_those_in_whom_it_is_recorded(base):
    """All 13 women have x and 13 of 15 men; the shift is of women against men."""
    draft = draft_of()
    women, men = (
        Group(name=sex, label=sex, members=base.everybody.where("sex", sex))
        for sex in ("female", "male")
    )
    shape = ValuesByGroup(
        draft=draft, name="v", groups=(women, men), whole=base.everybody.known("sex")
    )
    row = shape.row(X)

    assert [draft.results[f"p/v/x/{sex}/n/count"].value for sex in ("female", "male")] == [13, 13]
    assert draft.results["p/v/x/female/median"].value == 3.0
    assert draft.results["p/v/x/male/median"].value == 5.0
    assert draft.results["p/v/x/difference"].value < 0
    assert draft.results["p/v/x/difference"].n == 26
    assert len(row.cells) == len(shape.columns("Women", "Men")) == 6


def test_a_model_s_ratio_is_of_all_and_rests_on_both_outcomes(base):
    """A ratio has all its patients behind it, a reason for none those of the smaller outcome."""
    draft, everybody = draft_of(), base.everybody
    events, others = everybody.where("infected", "yes"), everybody.where("infected", "no")
    ratios = Ratios(
        draft=draft, name="m", kind="odds_ratio", measure=Measure.ODDS_RATIO,
        of=everybody.known("infected"), n=29, residual_df=8,
    )  # fmt: skip
    interval = Interval(estimate=2.0, ci_low=1.0, ci_high=4.0, conf_level=0.95, method="ML")
    row = ratios.row("age", "Age", Ratio(interval=interval, p_value=0.05), (events, others))
    ratios.row("sex", "Sex", NoEstimate("no fit"), (events, others))
    ratios.left_out("anc", "Count", "the cohort has no table labs")
    age, sex, anc = (draft.results[f"p/m/{name}/odds_ratio"] for name in ("age", "sex", "anc"))

    assert (age.value, age.n, age.residual_df) == (2.0, 29, 8)
    assert draft.results["p/m/age/p_value"].value == 0.05
    assert (sex.n, anc.n) == (14, None)
    assert math.isclose(ratios.forest([row], "C", "Ratios", "Odds ratio").reference, 1.0)
    shown = {
        name: gate(draft.findings("t", "T", Layout()), PROFILES[name]).by_key
        for name in ("darwin", "acro")
    }
    assert isinstance(shown["darwin"]["p/m/age/odds_ratio"], Estimate)
    assert isinstance(shown["acro"]["p/m/age/odds_ratio"], Suppressed)  # too few degrees
    assert isinstance(shown["acro"]["p/m/anc/odds_ratio"], NotEstimable)


def test_a_value_known_of_the_rows_that_a_column_is_known_of_has_its_name(base):
    """Of whom a result is known is one set, by whichever of two columns it is asked."""
    base.frame["reading"] = base.frame["x"].where(base.frame["assay_gift"].notna())
    base.recorded_as("reading", "assay_gift")
    base.recorded_as("y", "sex")

    assert base.recorded("reading") == "assay_gift"
    assert base.recorded("y") == "y recorded"


def test_a_row_prints_its_percentage_once(base):
    """The number of those in a category beside its share, not the share twice."""
    asked = Asked(name="s", title="Sex", axis="sex", nobody="", labels={"female": "Women"})
    (table,) = shares(draft_of(), asked, base.everybody).layout.tables
    kinds = [[str(cell.kind) for cell in row.cells] for row in table.rows]

    assert [column.label for column in table.columns] == ["n", "% (95 % CI)"]
    assert kinds[1] == ["count", "percent_ci"]


def test_a_sentence_has_keys_where_its_names_stood():
    """Numbers printed and numbers needed are named alike; a name without a key is an error."""
    keys = {"all/n": "p/km/all/n/count", "died": "p/died/count"}
    said = sentence("Of {all/n:count}, [[some;;{died:count}]].", keys, needs=("died",))
    assert said.template == "Of {p/km/all/n/count:count}, [[some;;{p/died/count:count}]]."
    assert said.needs == ("p/died/count",)
    with pytest.raises(KeyError, match="late"):
        sentence("{late:count}", keys)


def test_two_groups_of_one_name_are_two_series():
    """A user's own word for a category may be the word for everybody."""
    pairs = [("All", ["p/all/curve"]), ("All", ["p/all_2/curve"])]
    drawn = figure(Scope(cohort=draft_of().scope.cohort, prefix="p"), "km", "curves", "", "", pairs)
    assert [series.keys for series in drawn.series] == [("p/all/curve",), ("p/all_2/curve",)]


def test_what_follows_from_no_answer_is_its_reason():
    """A reason is handed on as it is, and nothing is worked out from it."""
    assert then(NoEstimate("nobody"), lambda _: pytest.fail("asked")) == NoEstimate("nobody")
    assert then(2, lambda number: number + 1) == 3


def test_recoveries_are_placed_between_their_two_counts():
    """Low on day 4 and recovered on day 8: on day 4, 6 or 8; who has not recovered stays so."""
    times = Times(
        patient=np.array([0, 1]), time=np.array([8.0, 5.0]), cause=np.array([1, 0]),
        left=np.array([4.0, 5.0]), right=np.array([8.0, np.inf]),
        treated_at=np.array([np.inf, np.inf]),
    )  # fmt: skip
    for placement, day in (("left", 4.0), ("midpoint", 6.0), ("right", 8.0)):
        guessed = placed(times, placement)
        assert (guessed.time.tolist(), guessed.event.tolist()) == ([day, 5.0], [True, False])
    at = np.array([5.0, 8.0])
    assert (persons_at(times, at), persons_at(times, at, times.left)) == ((1, 1), (2, 0))
