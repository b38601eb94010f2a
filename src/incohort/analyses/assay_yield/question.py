"""The patients or samples that a question about assays is answered from, and their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.assay_yield.parameters import (
    AETIOLOGY,
    FIRST,
    NO_REFERENCE,
    AssayParameters,
    Unit,
)
from incohort.cohort.assays import paired_results
from incohort.dictionary import costs_in
from incohort.shapes import vocabulary
from incohort.shapes.characteristics import Variable, result_of
from incohort.shapes.recorded import first_reason, no_table
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft
from incohort.shapes.tested import Flags, Tested, of_patients, of_samples

RESULT = "antibody_tests.result"
TESTS = (RESULT, "antibody_tests.assay")  # the columns that say what an assay found
_FEW = 9  # of a restricted cohort an assay counts as in use from one patient more on
_COUNTS = ("n_contradictory", "n_repeated")
_SHOWN = 2  # assays that are asked about where the cohort has none


class Question(Asking[AssayParameters]):
    """One cohort, one design: the results that every answer is counted from."""

    @cached_property
    def known(self) -> dict[str, str]:
        """Every assay of the dictionary, as it is printed."""
        return vocabulary.labels("antibody_tests", "assay")

    @cached_property
    def costs(self) -> dict[str, float]:
        """What one test costs, by assay."""
        return costs_in(self.design.costs, self.known)

    def telling(self, *sources: str) -> Draft:
        """Results in the making that rest on these columns; none where there are no tests."""
        return Draft(scope=self.scope, sources=sources, noun=self.noun, absent=self.absent)

    @property
    def absent(self) -> str:
        """Why there is nothing to count, where the cohort has no such table; else empty."""
        return no_table(self.cohort, "antibody_tests")

    @property
    def noun(self) -> str:
        """What is counted, in the plural."""
        return {"patient": "patients", "sample": "samples"}[self.design.unit]

    def label(self, assay: str) -> str:
        """An assay's name as it is printed."""
        return self.known[assay]

    def labels(self, names: Iterable[str]) -> str:
        """Assays as they are printed, in one line."""
        return ", ".join(map(self.label, names))

    def by_label(self, keys: Mapping[str, str]) -> dict[str, str]:
        """Keys by the printed names of their assays."""
        return {self.label(name): key for name, key in keys.items()}

    @cached_property
    def assays(self) -> tuple[str, ...]:
        """The assays compared, in the order given: those that the whole cohort has results of.

        They don't depend on who is selected, so that a subgroup is asked the same. Of a restricted
        cohort an assay counts that enough patients had: the list would tell of a single one.
        """
        enough = _FEW + 1 if self.scope.lists_all else 1
        named, tests = self.design.named, self._of_patients
        tested = {name: int(tests[f"assay_{name}"].notna().sum()) for name in named}
        return tuple(name for name in named if tested[name] >= enough) or named[:_SHOWN]

    @property
    def index(self) -> str:
        """The index assay."""
        asked = self.design.index_assay
        return self.assays[0] if asked == FIRST else asked

    @cached_property
    def all_assays(self) -> tuple[str, ...]:
        """Every assay that a result is needed of: those named, the index and the reference."""
        design = self.design
        more = (name for name in (design.index_assay, design.reference) if name in self.known)
        return tuple(dict.fromkeys((*design.named, *more)))

    @property
    def _labels(self) -> dict[str, str]:
        return {name: self.known[name] for name in self.all_assays}

    @property
    def uses(self) -> tuple[Variable, ...]:
        """Also the results of the assays that are compared."""
        return tuple(map(result_of, self.assays))

    @cached_property
    def _of_patients(self) -> pd.DataFrame:
        return self._paired("patient", None, self.design.named[0])

    def _paired(self, unit: Unit, window_days: int | None, index: str) -> pd.DataFrame:
        if self.absent:
            empty = {f"assay_{name}": pd.Series(dtype="object") for name in self.all_assays}
            counts = {name: pd.Series(dtype="int64") for name in _COUNTS}
            return pd.DataFrame({"patient_id": pd.Series(dtype="object")} | empty | counts)
        return paired_results(self.cohort, tuple(self.all_assays), unit, index, window_days)

    @cached_property
    def units(self) -> Tested:
        """What is counted: patients or samples, with the results that the design lets count."""
        design, rule = self.design, self.design.indeterminate
        if design.unit == "sample":
            results = self._paired("sample", None, self.index)
            return of_samples(self.everybody, results, self._labels, rule=rule)
        results, which = self._of_patients, ""
        if design.pairing_days is not None:
            which = f" within {design.pairing_days} days of {self.index}"
            results = self._paired("patient", design.pairing_days, self.index)
        return of_patients(self.everybody, results, self._labels, rule=rule, which=which)

    @cached_property
    def patients(self) -> Tested:
        """Patients with their results over all samples, whatever else is counted."""
        return of_patients(self.everybody, self._of_patients, self._labels, rule="excluded")

    @cached_property
    def panel(self) -> tuple[str, ...]:
        """The assays that are compared all together, on whoever had them all.

        In the order given, an assay joins unless fewer than half of those tested by any would be
        left: an assay run only on some, as to confirm another, says nothing of the rest.
        """
        units = self.units
        tested = np.column_stack([units.flags(units.counting(name)) for name in self.assays])
        half = tested.any(axis=1).sum() / 2
        kept: list[int] = []
        for column in range(len(self.assays)):
            if tested[:, [*kept, column]].all(axis=1).sum() >= half:
                kept.append(column)
        most = [int(tested.sum(axis=0).argmax())]
        return tuple(self.assays[column] for column in kept or most)

    @cached_property
    def complete(self) -> Members:
        """Those with a result of every assay of the panel."""
        return self.units.counting_all(self.panel)

    @cached_property
    def panel_rows(self) -> Flags:
        """The panel's positives, a row for each of those with all its results."""
        return self.units.matrix(self.panel, self.complete)

    @cached_property
    def by_panel_assay(self) -> tuple[Members, ...]:
        """Of those with all results of the panel, the positive and the negative by each assay."""
        return tuple(
            sign(name, self.complete)
            for name in self.panel
            for sign in (self.units.positive, self.units.negative)
        )

    @cached_property
    def panel_patterns(self) -> tuple[Members, ...]:
        """Of those with all results of the panel, those with each combination of them."""
        patterns, signs = [self.complete], (self.units.positive, self.units.negative)
        for name in self.panel:
            patterns = [sign(name, members) for members in patterns for sign in signs]
        return tuple(patterns)

    def rows_of(self, *counts: int) -> Flags:
        """The panel's positives, a row each, where so many have each combination."""
        patterns = list(product((True, False), repeat=len(self.panel)))
        return np.repeat(np.array(patterns, dtype=np.bool_), counts, axis=0)

    def is_told(self, assay: str, *words: str) -> bool:
        """Whether it is told who has one of these results of an assay.

        Of a restricted cohort it is where anybody in it has one: what nobody has is no small number
        that has to be kept, and would only take others along.
        """
        return not self.scope.lists_all or self.absent != "" or self.units.has_any(assay, *words)

    def diseased(self, of: Members) -> Members:
        """Those who have the disease by the reference."""
        column, positive, _ = self._reference(self.units)
        return of.where(column, *positive)

    def healthy(self, of: Members) -> Members:
        """Those who are free of the disease by the reference."""
        column, _, negative = self._reference(self.units)
        return of.where(column, *negative)

    def verified(self, of: Members, among: Tested | None = None) -> Members:
        """Those of whom the reference knows; `among` are the units that they are of."""
        column, positive, negative = self._reference(among or self.units)
        return of.where(column, *positive, *negative)

    def unverified(self, of: Members, among: Tested | None = None) -> Members:
        """Those of whom the reference knows nothing."""
        column, positive, negative = self._reference(among or self.units)
        return of.outside(column, *positive, *negative)

    def _reference(self, among: Tested) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """The reference's column, and its categories with the disease and without it."""
        if self.is_by_cause:
            column = among.base.borrow(AETIOLOGY, self.everybody.base)
            return column, self.design.immune, self.design.not_immune
        return among.column(self.design.reference), *among.counted

    @property
    def is_by_cause(self) -> bool:
        """Whether the reference is the cause settled on."""
        return self.design.reference == AETIOLOGY

    @property
    def no_reference(self) -> str:
        """Why nothing can be held against a reference; empty where something can."""
        is_none = self.design.reference == NO_REFERENCE
        chosen = "no reference was chosen" if is_none else self.unrecorded
        return first_reason(self.absent, chosen)

    @property
    def unrecorded(self) -> str:
        """Why the reference is known of nobody in the cohort; empty where it may be."""
        return self.population.unrecorded.get(AETIOLOGY, "") if self.is_by_cause else ""

    @property
    def reference_sources(self) -> tuple[str, ...]:
        """The columns that the reference rests on."""
        return ("patients.aetiology",) if self.is_by_cause else TESTS

    @property
    def reference_label(self) -> str:
        """The reference in words."""
        labels = {NO_REFERENCE: "no reference", AETIOLOGY: "the cause settled on"}
        return labels.get(self.design.reference) or self.known[self.design.reference]
