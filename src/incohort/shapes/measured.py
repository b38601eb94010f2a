"""Readings and titres of assays, one for each patient or sample: what lies behind a result."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from incohort.cohort import Cohort
from incohort.cohort.assays import readings
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tested import Tested

_ENOUGH = 10  # patients with readings before an assay of a restricted cohort is told to have any
_COLUMNS = ("patient_id", "sample", "assay", "reading", "titre", "comparator")


class Measured:
    """The readings and titres of each assay; a patient's is that of their first sample with one.

    Args:
        cohort: Has the rows.
        units: The patients or samples that they are of, and all assays that are read.
        assays: Those compared.
    """

    def __init__(self, cohort: Cohort, units: Tested, assays: Iterable[str]) -> None:
        """Keep what is asked; rows are read when they are asked for."""
        self._cohort, self._tested, self._assays = cohort, units, tuple(assays)
        self._has_tests = cohort.has("antibody_tests")

    @cached_property
    def _rows(self) -> pd.DataFrame:
        if not self._has_tests:
            return pd.DataFrame({name: pd.Series(dtype="object") for name in _COLUMNS})
        return readings(self._cohort, tuple(self._tested.labels))

    def _of(self, assay: str, value: str) -> pd.DataFrame:
        """The rows of an assay that have that value, one for each unit, in order of the units."""
        rows = self._rows[(self._rows["assay"] == assay) & self._rows[value].notna()]
        on = ["patient_id", "sample"] if self._is_of_samples else ["patient_id"]
        return rows.drop_duplicates(on).set_index(on)

    def reading(self, assay: str) -> pd.Series:
        """The reading of each row of the units; missing where there is none."""
        return self._aligned(self._of(assay, "reading")["reading"])

    def titre(self, assay: str) -> tuple[pd.Series, pd.Series]:
        """The titre or its bound of each row, and the comparator of a bound."""
        rows = self._of(assay, "titre")
        return self._aligned(rows["titre"]), rows["comparator"].reindex(self._units)

    @property
    def _is_of_samples(self) -> bool:
        return "sample" in self._tested.base.frame

    @cached_property
    def _units(self) -> pd.Index:
        frame = self._tested.base.frame
        if self._is_of_samples:
            return pd.MultiIndex.from_frame(frame[["patient_id", "sample"]])
        units: pd.Index = pd.Index(frame["patient_id"])
        return units

    def _aligned(self, values: pd.Series) -> pd.Series:
        return pd.to_numeric(values, errors="coerce").reindex(self._units).astype("float64")

    def having(self, value: str, *assays: str) -> Members:
        """The described with a reading, or a titre, of each of some assays."""
        members = self._tested.described
        for assay in assays:
            known = self._aligned(self._of(assay, value)[value]).notna().reset_index(drop=True)
            words = known.map({True: YES, False: None})
            members = members.where(members.base.cut(f"{assay} {value}", words, (YES,)), YES)
        return members

    def parted(self, assay: str, groups: Iterable[Members], cut_off: float) -> tuple[Members, ...]:
        """Those of each group with a reading above a cut-off, and at or below it."""
        known = self.reading(assay).reset_index(drop=True)
        words = (known > cut_off).map({True: YES, False: NO}).where(known.notna())
        column = self._tested.base.cut(f"{assay} above the cut-off", words, (YES, NO))
        return tuple(group.where(column, word) for group in groups for word in (YES, NO))

    def of(self, assay: str, members: Members) -> np.ndarray:
        """The readings of an assay in a set of those who have one, in the order of the units."""
        order = self._tested.order
        values = self.reading(assay).to_numpy()[order]
        return values[self._tested.flags(members)]

    @cached_property
    def with_readings(self) -> tuple[str, ...]:
        """The assays compared that the whole cohort has readings of."""
        return self._having("reading")

    @cached_property
    def with_titres(self) -> tuple[str, ...]:
        """The assays compared that the whole cohort has titres of."""
        return self._having("titre")

    def _having(self, value: str) -> tuple[str, ...]:
        enough = 1 if self._cohort.card.is_public else _ENOUGH
        rows = self._rows[self._rows[value].notna()]
        n = rows.groupby("assay")["patient_id"].nunique()
        return tuple(a for a in self._assays if n.get(a, 0) >= enough)
