"""Numbers that are told again in another part of a report."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Estimate, Layout, Measure, Suppressed
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base
from incohort.shapes.telling import telling


@pytest.fixture
def part():
    """Of 30 patients three severe ones, and a price."""
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(30)]})
    frame["grade"] = ["severe"] * 3 + ["mild"] * 27
    base = Base("patients", frame)
    base.cut("grade", frame["grade"], ("mild", "severe"))
    draft = telling(Scope(cohort=open_cohort("kyritsi2015"), prefix="t"))
    draft.count_in("severe/count", "Severe", base.everybody.where("grade", "severe"))
    draft.count_in("all/count", "All", base.everybody)
    draft.given.estimate("price", "Price", Measure.STATISTIC, 12.345)
    return draft.findings("first", "First", Layout())


def again(part, *keys: str):
    draft = telling(Scope(cohort=open_cohort("kyritsi2015"), prefix="t"))
    for key in keys:
        draft.again(f"again/{key}", f"t/{key}", [part], "Again")
    return draft.findings("again", "Again", Layout())


def test_a_number_told_again_is_of_the_same_set(part):
    """What is withheld where it is asked for stays so; alone, the gate knows whose it is."""
    keys = ("severe/count", "all/count", "price")
    profile, ledger = PROFILES["darwin"], Ledger()
    gate(part, profile, ledger)
    for found in (gate(again(part, *keys), profile, ledger), gate(again(part, *keys), profile)):
        assert isinstance(found.by_key["t/again/severe/count"], Suppressed)
        everybody = found.by_key["t/again/all/count"]
        assert isinstance(everybody, Estimate)
        assert (everybody.value, everybody.label) == (30, "Again")
        assert found.by_key["t/again/price"].value == 12.345


def test_a_number_that_does_not_say_whose_it_is_is_not_told_again(part):
    """It would pass the gate as nobody's; one that no part has is a mistake, too."""
    with pytest.raises(ValueError, match="'t/all/count' does not say whose it is"):
        again(replace(part, whose=()), "all/count")
    with pytest.raises(KeyError):
        again(part, "none")
