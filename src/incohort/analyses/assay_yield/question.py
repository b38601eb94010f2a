"""The patients or samples that a question about assays is answered from, and their results."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.analyses.assay_yield.parameters import (
    AETIOLOGY,
    FIRST,
    NO_REFERENCE,
    AssayParameters,
    Rule,
    Unit,
)
from incohort.cohort import Choices, Cohort, pairing
from incohort.shapes import vocabulary
from incohort.shapes.making import Scope
from incohort.shapes.population import Population, Selection, select

PREFIX = "assay_yield"
RESULT = "antibody_tests.result"
TESTS = (RESULT, "antibody_tests.assay")  # the columns that say what an assay found
_FEW = 9  # of a restricted cohort an assay counts as in use from one patient more on
_COUNTS = ("n_contradictory", "n_repeated")
_SHOWN = 2  # assays that are asked about where the cohort has none

Flags = NDArray[np.bool_]


class Question:
    """One cohort, one design: the results that every answer is counted from."""

    def __init__(self, cohort: Cohort, design: AssayParameters) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self.known = vocabulary.labels("antibody_tests", "assay")
        self.named, self.costs = design.named, design.costs_of(self.known)
        self.immune, self.not_immune = design.immune, design.not_immune
        self.cohort = cohort
        self.design = design

    @cached_property
    def population(self) -> Population:
        """Who is described."""
        return select(self.cohort, Choices(), self.design.part(Selection))

    @cached_property
    def scope(self) -> Scope:
        """What all numbers share."""
        return Scope(
            cohort=self.cohort,
            prefix=PREFIX,
            conf_level=self.design.conf_level,
            interval=self.design.interval,
            restricted_by=self.population.restricted_by,
            asked=self.design.asked,
        )

    @property
    def level(self) -> str:
        """The confidence level as it is printed."""
        return f"{100 * self.design.conf_level:g} %"

    @property
    def absent(self) -> str:
        """Why there is nothing to count, where the cohort has no such table; else empty."""
        return "" if self.cohort.has("antibody_tests") else "the cohort has no table antibody_tests"

    @property
    def noun(self) -> str:
        """What is counted, in the plural."""
        return {"patient": "patients", "sample": "samples"}[self.design.unit]

    @cached_property
    def assays(self) -> tuple[str, ...]:
        """The assays compared, in the order given: those that the whole cohort has results of.

        They don't depend on who is selected, so that a subgroup is asked the same. Of a restricted
        cohort an assay counts that enough patients had: the list would tell of a single one.
        """
        if self.absent:
            return self.named[:_SHOWN]
        enough = _FEW + 1 if self.scope.lists_all else 1
        tested = {
            name: int(self._all_patients[f"assay_{name}"].notna().sum()) for name in self.named
        }
        return tuple(name for name in self.named if tested[name] >= enough) or self.named[:_SHOWN]

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """The assays named that are not compared, as the cohort has too few results of them."""
        return tuple(name for name in self.named if name not in self.assays)

    @property
    def index(self) -> str:
        """The index assay."""
        asked = self.design.index_assay
        return self.assays[0] if asked == FIRST else asked

    @cached_property
    def all_assays(self) -> tuple[str, ...]:
        """Every assay that a result is needed of: those named, the index and the reference."""
        more = (self.design.index_assay, self.design.reference)
        return tuple(dict.fromkeys((*self.named, *(name for name in more if name in self.known))))

    @cached_property
    def _all_patients(self) -> pd.DataFrame:
        return self._paired("patient", None, self.named[0])

    def _paired(self, unit: Unit, window_days: int | None, index: str) -> pd.DataFrame:
        tests = pairing.on_samples(self.cohort.tables["antibody_tests"], self.all_assays)
        table = pairing.paired(
            tests, self.all_assays, unit=unit, index=index, window_days=window_days
        )
        return pairing.execute(table, self.all_assays)

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row per patient or sample: a result per assay, and the patient's cause."""
        people = self.population.frame[["patient_id", "aetiology"]]
        if self.absent:
            empty = {f"assay_{name}": pd.Series(dtype="object") for name in self.all_assays}
            counts = {name: pd.Series(dtype="int64") for name in _COUNTS}
            return pd.DataFrame({"patient_id": [], "aetiology": []} | empty | counts)
        design = self.design
        if design.unit == "patient" and design.window_days is None:
            found = self._all_patients
        else:
            found = self._paired(design.unit, design.window_days, self.index)
        return found.merge(people, on="patient_id", how="inner").reset_index(drop=True)

    @property
    def n_described(self) -> int:
        """How many patients are described."""
        return len(self.population.frame)

    @cached_property
    def patients(self) -> pd.DataFrame:
        """One row per patient who was tested: a result per assay over all samples."""
        if self.absent:
            return self.units
        people = self.population.frame[["patient_id", "aetiology"]]
        found = self._all_patients.merge(people, on="patient_id", how="inner")
        return found.reset_index(drop=True)

    @property
    def known_patients(self) -> Flags:
        """Of whom of `patients` the reference knows."""
        if self.design.reference in self.known:
            words = self.patients[f"assay_{self.design.reference}"]
            return words.isin(["positive", "negative"]).to_numpy(dtype=bool)
        causes = (*self.immune, *self.not_immune)
        return self.patients["aetiology"].isin(causes).to_numpy(dtype=bool)

    def results(self, assay: str, rule: Rule | None = None) -> tuple[Flags, Flags]:
        """Who is positive by an assay, and who has a result of it that counts.

        Args:
            assay: Its name.
            rule: How indeterminate results count; as the design says where not given.
        """
        words = self.units[f"assay_{assay}"]
        is_positive = (words == "positive").to_numpy(dtype=bool)
        is_tested = is_positive | (words == "negative").to_numpy(dtype=bool)
        is_between = (words == "indeterminate").to_numpy(dtype=bool)
        match rule or self.design.indeterminate:
            case "excluded":
                return is_positive, is_tested
            case "as_negative":
                return is_positive, is_tested | is_between
            case "as_positive":
                return is_positive | is_between, is_tested | is_between

    def matrix(self, assays: Iterable[str], rule: Rule | None = None) -> tuple[Flags, Flags]:
        """Positives and tested of several assays, a row for each patient or sample."""
        columns = [self.results(name, rule) for name in assays]
        positive = np.column_stack([positive for positive, _ in columns])
        return positive, np.column_stack([tested for _, tested in columns])

    @cached_property
    def panel(self) -> tuple[str, ...]:
        """The assays that are compared all together, on whoever had them all.

        In the order given, an assay joins unless fewer than half of those tested by any would be
        left: an assay run only on some, as to confirm another, says nothing of the rest.
        """
        _, tested = self.matrix(self.assays)
        half = tested.any(axis=1).sum() / 2
        kept: list[int] = []
        for column in range(len(self.assays)):
            if tested[:, [*kept, column]].all(axis=1).sum() >= half:
                kept.append(column)
        most = [int(tested.sum(axis=0).argmax())]
        return tuple(self.assays[column] for column in kept or most)

    @property
    def outside_panel(self) -> tuple[str, ...]:
        """The assays compared that did not join the panel."""
        return tuple(name for name in self.assays if name not in self.panel)

    @cached_property
    def panel_rows(self) -> tuple[Flags, Flags]:
        """The panel's positives, shape (n, k), and who has a result of every assay in it."""
        positive, tested = self.matrix(self.panel)
        return positive, all_of(tested)

    @property
    def complete(self) -> Flags:
        """The panel's positives, of whoever has a result of every assay in it."""
        positive, among = self.panel_rows
        rows: Flags = positive[among]
        return rows

    @cached_property
    def reference(self) -> tuple[Flags, Flags]:
        """Who has the disease by the reference, and of whom the reference knows."""
        nobody = np.zeros(len(self.units), dtype=bool)
        match self.design.reference:
            case "none":
                return nobody, nobody
            case "aetiology":
                cause = self.units["aetiology"]
                is_immune = cause.isin(self.immune).to_numpy(dtype=bool)
                return is_immune, is_immune | cause.isin(self.not_immune).to_numpy(dtype=bool)
            case assay:
                return self.results(assay)

    @property
    def no_reference(self) -> str:
        """Why nothing can be held against a reference; empty where something can."""
        if self.absent:
            return self.absent
        if self.design.reference == NO_REFERENCE:
            return "no reference was chosen"
        return self.unrecorded

    @property
    def unrecorded(self) -> str:
        """Why the reference is known of nobody in the cohort; empty where it may be."""
        is_cause = self.design.reference == AETIOLOGY
        return self.population.unrecorded.get(AETIOLOGY, "") if is_cause else ""

    @property
    def reference_sources(self) -> tuple[str, ...]:
        """The columns that the reference rests on."""
        return ("patients.aetiology",) if self.design.reference == AETIOLOGY else TESTS

    @property
    def reference_label(self) -> str:
        """The reference in words."""
        labels = {NO_REFERENCE: "no reference", AETIOLOGY: "the cause settled on"}
        return labels.get(self.design.reference) or self.known[self.design.reference]

    def label(self, assay: str) -> str:
        """An assay's name as it is printed."""
        return self.known[assay]

    def persons(self, rows: Flags) -> int:
        """How many patients stand behind these rows."""
        if self.design.unit == "patient":
            return int(rows.sum())
        return int(self.units.loc[rows, "patient_id"].nunique())


def any_of(flags: Flags) -> Flags:
    """Whether any column holds, row by row."""
    rows: Flags = np.asarray(flags.any(axis=1))
    return rows


def all_of(flags: Flags) -> Flags:
    """Whether all columns hold, row by row."""
    rows: Flags = np.asarray(flags.all(axis=1))
    return rows
