"""A study that somebody adds: one module, a line in the register, and a notebook to begin with."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from types import MappingProxyType

import pytest

import incohort.analyses
from incohort.analyses import studies
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.pages.notebooks_page import begun, written
from incohort.params.cell import RARE_TAG
from incohort.results import Suppressed

MODULE = '''
from typing import ClassVar
from incohort.analyses.people_study import PeopleStudy
from incohort.params import shared
from incohort.params.model import Parameters

class InfectionsParameters(Parameters):
    """Whom to describe."""
    study: ClassVar[str] = "zz_infections"
    notebook: ClassVar[str] = "99_infections"
    cohort: shared.Cohort = "mixed_synthetic"
    sex: shared.Sex = "all"

class Infections(PeopleStudy[InfectionsParameters]):
    """Do patients with lower counts have infections again and again?"""
    parameters = InfectionsParameters

    def by_severity(self):
        """How many have them in each grade."""
        return self.people.shares("has_recurrent_infections", by="severity")
'''


@pytest.fixture
def infections(tmp_path, monkeypatch) -> str:
    """A study of one module in the room of studies, and registered."""
    (tmp_path / "zz_infections.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(incohort.analyses, "__path__", [*incohort.analyses.__path__, str(tmp_path)])
    known = dict(studies.STUDIES) | {"zz_infections": ("InfectionsParameters", "Infections")}
    monkeypatch.setattr(studies, "STUDIES", MappingProxyType(known))
    yield "zz_infections"
    sys.modules.pop("incohort.analyses.zz_infections", None)
    studies.model_of.cache_clear()


def test_one_module_is_a_study(infections):
    """Its keys begin with its name, and its numbers are those that a plain loop counts."""
    study = studies.class_of(infections)(open_cohort("mixed_synthetic"), sex="female")
    frame = study.people.frame
    key = "zz_infections/shares/has_recurrent_infections/by_severity/severe/yes/proportion"
    severe = frame[frame["severity"] == "severe"]

    share = study.by_severity().by_key[key]

    assert set(frame["sex"]) == {"female"}
    assert (share.events, share.n) == (severe["has_recurrent_infections"].sum(), len(severe))
    assert share.asked == ("sex",)


def test_it_is_safe_without_a_thought(infections):
    """Of a restricted cohort what is small is withheld, and nobody stated a sum."""
    public = open_cohort("mixed_synthetic")
    restricted = replace(public, card=replace(public.card, is_public=False))
    study = studies.class_of(infections)(restricted)

    shown = gate(study.by_severity(), PROFILES["darwin"], Ledger())

    assert any(isinstance(result, Suppressed) for result in shown.results)


def test_a_study_without_a_notebook_gets_one(infections):
    """A title, the parameters, one call, and a cell for each answer under its own words."""
    model = studies.model_of(infections)
    cells = json.loads(written(begun(infections), model.parameters()))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    (tagged,) = (c for c in cells if "parameters" in c["metadata"].get("tags", []))

    assert sources[0].startswith("# Zz infections\n\nDo patients with lower counts")
    assert 'cohort: str = "mixed_synthetic"' in "".join(tagged["source"])
    assert "infections = ic.zz_infections(ic.parameters())" in sources[2]
    assert sources[3:] == [
        "## By severity\n\nHow many have them in each grade.",
        "infections.by_severity()",
    ]
    assert not any(RARE_TAG in cell["metadata"].get("tags", []) for cell in cells)
