"""What is asked of autoimmune disease: who has which, and between which limits each count lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.autoimmune.parameters import DISEASES, AutoimmuneParameters
from incohort.cohort import AutoimmuneChoices, autoimmune_frame
from incohort.cohort.autoimmune_marks import MARKS, autoimmune_marks
from incohort.cohort.low_limits import band_names, band_words, low_bands
from incohort.dictionary import study
from incohort.shapes.making import Scope
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import NO, YES, Base, Members
from incohort.shapes.telling import Draft, telling

USUAL_LIMIT = 1.5
# Of the sources read: 2.5 Brito-Zerón; 2.0 Fragoulis, Barnes, Rajakulendran; 1.8 the lecture;
# 1.5 Saleh, Chung, Owlia; 1.0 and 0.5 grades 3 and 4.
LIMITS = (0.5, 1.0, 1.5, 1.8, 2.0, 2.5)
BAND = "count between limits"
COUNTS, DIAGNOSES = ("labs.ANC", "labs.WBC"), ("diagnoses.condition", "diagnoses.subtype")
# The rows of `diagnoses` that say so: condition, and subtype where it takes one.
_SAID_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "rheumatoid_arthritis": (("rheumatoid_arthritis", ""), ("felty", "")),
    "graves": (("thyroid_disease", "graves"),),
}


# Causes outside immunity: whom Brito-Zerón's comparisons leave out.
_EXPLAINED = (
    "t_lgl", "drug_induced", "post_infectious", "haematologic_malignancy", "immunodeficiency",
    "post_transplant", "congenital", "other",
)  # fmt: skip
Holds = Callable[[float | None, float | None], bool]


class Question(Asking[AutoimmuneParameters]):
    """One cohort, one design: the sets of patients that every answer is counted from."""

    def telling(self, *sources: str) -> Draft:
        """Results in the making, of the columns of counts and diagnoses, and of these."""
        return telling(self.scope, *COUNTS, *DIAGNOSES, *sources)

    @cached_property
    def limit(self) -> float:
        """The count below which a patient is neutropenic, 10⁹/L."""
        if self.design.anc_limit is not None:
            return self.design.anc_limit
        return _limit_of(self.cohort.card.study) or USUAL_LIMIT

    @property
    def is_study_limit(self) -> bool:
        """Whether that limit is the one of the study that the cohort was made of."""
        printed = _limit_of(self.cohort.card.study)
        return self.design.anc_limit is None and printed is not None

    @cached_property
    def scope(self) -> Scope:
        """What all numbers share; a study that used its own limit asked otherwise than the usual.

        That is so where no study says what limit its cohort is to have.
        """
        shared = super().scope
        is_chosen = self.is_study_limit or "anc_limit" in shared.asked
        return shared if is_chosen else replace(shared, asked=(*shared.asked, "anc_limit"))

    @property
    def when(self) -> str:
        """Which count is asked, as it ends a sentence."""
        return {"ever": "at any time", "index": "at the index date"}[self.design.when]

    @property
    def not_low(self) -> str:
        """Whose count is not low, as a row of a table is called."""
        return {"ever": "Never below", "index": "Not below at the index date"}[self.design.when]

    @cached_property
    def limits(self) -> tuple[float, ...]:
        """Every limit that is looked at, ascending."""
        return tuple(sorted({*LIMITS, self.limit}))

    @cached_property
    def autoimmune_choices(self) -> AutoimmuneChoices:
        """The alternatives of definitions that the design takes."""
        known = type(self.design).model_fields
        names = [entry.name for entry in fields(AutoimmuneChoices) if entry.name in known]
        chosen = {name: getattr(self.design, name) for name in names}
        return AutoimmuneChoices(**{**chosen, "anc_limit": self.limit})

    @cached_property
    def base(self) -> Base:
        """All patients, cut by disease and by between which limits their counts lie."""
        base = self.everybody.base
        frame = low_bands(self.cohort, self.autoimmune_choices, self.limits)
        bands = frame.set_index("patient_id")["band"].reindex(base.frame["patient_id"])
        base.cut(
            BAND, bands.reset_index(drop=True), band_names(self.limits),
            words=partial(band_words, self.limits),
        )  # fmt: skip
        who = base.frame["patient_id"]
        for name, label in DISEASES.items():
            having = self._with_rows(_SAID_BY.get(name, ((name, ""),)))
            _said_flag(base, f"has {name}", who.isin(having), label)
        explained = base.frame["aetiology"].isin(_EXPLAINED)
        _said_flag(base, "explained", ~explained, "no cause outside immunity recorded")
        return base

    @cached_property
    def _diagnoses(self) -> pd.DataFrame:
        rows = self.cohort.tables["diagnoses"].select("patient_id", "condition", "subtype")
        frame: pd.DataFrame = rows.execute()
        return frame

    def _with_rows(self, said_by: tuple[tuple[str, str], ...]) -> set[str]:
        """Who has a diagnosis that one of these pairs of condition and subtype names."""
        if not self.cohort.has("diagnoses"):
            return set()
        frame = self._diagnoses
        return {
            str(patient)
            for condition, subtype in said_by
            for patient in frame.loc[
                (frame["condition"] == condition)
                & ((frame["subtype"] == subtype) | (subtype == "")),
                "patient_id",
            ]
        }

    @property
    def described(self) -> Members:
        """The patients described, of whom disease and counts are known as columns."""
        return Members(self.base, self.everybody.name)

    @cached_property
    def ill(self) -> Members:
        """Those described who have any of the diseases asked about."""
        flags = [self.base.axis(f"has {name}").codes == 0 for name in self.design.asked_diseases]
        has_any = np.logical_or.reduce([np.zeros(len(self.base.frame), dtype=bool), *flags])
        name, words = "has a disease asked", "with a disease that is asked about"
        return self.described.where(_said_flag(self.base, name, pd.Series(has_any), words), YES)

    @cached_property
    def low(self) -> Members:
        """Those of them whose count is below the limit."""
        return self.below(self.ill, self.limit)

    @cached_property
    def compared(self) -> tuple[Members, Members]:
        """The neutropenic who are compared, and those whose count surely was not low."""
        marks = autoimmune_marks(self.cohort, self.autoimmune_choices).set_index("patient_id")
        of_all = marks.reindex(self.base.frame["patient_id"]).reset_index(drop=True)
        for name in MARKS:
            self.base.flag(name, of_all[name])
        is_all = self.design.compared == "all"
        low = self.low if is_all else self.low.where("explained", YES)
        return low, self.from_limit(self.ill, self.limit)

    @property
    def both(self) -> Members:
        """The two groups that are compared, together."""
        low, other = self.compared
        return low | other

    @cached_property
    def defined(self) -> pd.DataFrame:
        """What the definitions say of each patient, in the order of the base."""
        frame = autoimmune_frame(self.cohort, self.autoimmune_choices).set_index("patient_id")
        return frame.reindex(self.base.frame["patient_id"]).reset_index(drop=True)

    @property
    def t_lgl(self) -> str:
        """The column of who has T-LGL leukaemia among the diagnoses."""
        who = self._with_rows((("t_lgl_leukaemia", ""),))
        return self.base.flag("diagnosed T-LGL", self.base.frame["patient_id"].isin(who))

    def with_disease(self, name: str) -> Members:
        """Those described who have a disease."""
        return self.described.where(f"has {name}", YES)

    @property
    def lists_all(self) -> bool:
        """Whether what nobody has is listed as well."""
        return self.scope.lists_all

    def counted(self, members: Members) -> Members:
        """Those of a set with a count."""
        return members.known(BAND)

    def below(self, members: Members, limit: float) -> Members:
        """Those of a set whose count is known to be below a limit."""
        return self._in_bands(members, lambda _, high: high is not None and high <= limit)

    def open_at(self, members: Members, limit: float) -> Members:
        """Those of a set whose count may lie on either side of a limit."""

        def is_open(low: float | None, high: float | None) -> bool:
            return (high is None or high > limit) and (low is None or low < limit)

        return self._in_bands(members, is_open)

    def from_limit(self, members: Members, limit: float) -> Members:
        """Those of a set whose count is known not to be below a limit."""
        return self._in_bands(members, lambda low, _: low is not None and low >= limit)

    def _in_bands(self, members: Members, holds: Holds) -> Members:
        words = [name for name, ends in band_names(self.limits).items() if holds(*ends)]
        return members.where(BAND, *words)

    @property
    def uncounted(self) -> str:
        """Why nobody's count or disease is known; empty where they may be."""
        return no_table(self.cohort, "labs", "diagnoses")


def _limit_of(name: str | None) -> float | None:
    """The limit below which a study printed how many were; None where it printed none."""
    claims = () if name is None else study(name).claims
    keys = (claim.key.split("/") for claim in claims)
    return next((float(key[3]) for key in keys if key[:2] == ["autoimmune", "frequency"]), None)


def _said_flag(base: Base, name: str, values: pd.Series, label: str) -> str:
    """A column of yes and no whose yes is said in words of its own."""
    words = values.map({True: YES, False: NO})
    return base.cut(
        name, words, (YES, NO), words=lambda c: [label if c == {YES} else f"not {label}"]
    )
