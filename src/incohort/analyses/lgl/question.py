"""The patients and samples that questions about large granular lymphocytes are answered from."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.lgl.parameters import LglParameters
from incohort.cohort import (
    CLONE_METHODS,
    LGL_DRUGS,
    LGL_GENES,
    LglChoices,
    clone_tests,
    lgl_frame,
    mutation_frame,
    response_frame,
    severity_system,
)
from incohort.cohort.lgl import CLASSES, ITEMS, UNCLASSIFIED
from incohort.cohort.response_frame import RESPONSE_COLUMNS
from incohort.shapes import vocabulary
from incohort.shapes.classified import Classes
from incohort.shapes.recorded import first_reason, no_table
from incohort.shapes.sets import Base, Members
from incohort.shapes.telling import Draft, telling
from incohort.shapes.tested import Tested, of_samples

COUNTED = ("clonality.lgl_count", "clonality.cd3", "clonality.taken_on")
TESTS = ("clonality.tcr_result", "clonality.tcr_method")
_FEW = 9  # of a restricted cohort a method counts as in use from one sample more on
_LABELS = {
    "t_lgl": "T-LGL leukaemia",
    "clpd_nk": "Chronic NK lymphoproliferative disorder",
    "aggressive_nk": "Aggressive NK-cell leukaemia",
    "polyclonal_expansion": "Polyclonal expansion",
    "transient_expansion": "Transient expansion",
    "clone_uncertain_significance": "Clone of uncertain significance",
    "no_expansion": "No expansion",
}
_ITEMS = {"size": "LGL count", "phenotype": "CD3", "duration": "Duration", "clonality": "Clonality"}
DIAGNOSES = {
    "felty": "Felty syndrome",
    "t_lgl_leukaemia": "T-LGL leukaemia",
    "both": "Felty syndrome and T-LGL leukaemia",
    "neither": "Neither diagnosis",
}
DRUGS = {
    "methotrexate": "Methotrexate",
    "cyclophosphamide": "Cyclophosphamide",
    "ciclosporin": "Ciclosporin",
    "steroids": "Corticosteroids",
}
_METHODS = {"trbc1": "TRBC1", "v_beta": "Vβ families", "pcr": "PCR", "ngs": "sequencing"}


class Question(Asking[LglParameters]):
    """One cohort, one rule: the classes and results that every answer is counted from."""

    def telling(self, *sources: str) -> Draft:
        """Results in the making that rest on these columns; none where nobody was looked at."""
        draft = telling(self.scope, *sources)
        draft.absent = self.absent
        return draft

    @property
    def absent(self) -> str:
        """Why nothing is known of lymphocytes, where the cohort has no such table; else empty."""
        return no_table(self.cohort, "clonality")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The class of each patient with a row of clonality."""
        return lgl_frame(self.cohort, self.design.lgl)

    @property
    def rule(self) -> str:
        """The rule of T-LGL leukaemia in words."""
        chosen = self.design.lgl
        size = f"LGL above {chosen.t_limit:g} × 10⁹/L"
        if chosen.lgl_rule == "e5998":
            return "CD3+CD57+ cells above 0.4 or CD8+ cells above 0.65 × 10⁹/L, and a clone"
        lasts = "" if chosen.lasts_days is None else " for more than six months"
        return f"{size}{lasts}, and a clone"

    @cached_property
    def classes(self) -> Classes:
        """The classification, its columns made known of all patients."""
        base = self.everybody.base
        asked = Classes(
            name="class",
            label="Class",
            axis="lgl_class",
            labels={name: _LABELS[name] for name in CLASSES if name != UNCLASSIFIED},
            missing="first_missing",
            items={item: _ITEMS[item] for item in ITEMS},
            nobody="nobody described can be classified",
            open_word=UNCLASSIFIED,
            reason=self.absent,
            sources=(*COUNTED, *TESTS),
        )
        aligned = self._aligned(self.frame)
        asked.cut(base, aligned["lgl_class"], aligned["first_missing"])
        return asked

    def classes_by(self, name: str, choices: LglChoices) -> str:
        """The column of the classes by another rule, under its name."""
        classes = self._aligned(lgl_frame(self.cohort, choices))["lgl_class"]
        return self.everybody.base.cut(f"lgl_class_{name}", classes, CLASSES)

    @cached_property
    def t_lgl(self) -> str:
        """The column of whether T-LGL leukaemia is there, is not, or may be."""
        is_assessed = self.assessed.base.everybody.known(self.classes.axis)
        flags = self._aligned(self.frame)["is_t_lgl"]
        return self.everybody.base.flag("is_t_lgl", flags, is_assessed)

    def _aligned(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of one row a patient, in the order of all patients."""
        ids = self.everybody.base.frame["patient_id"]
        return frame.set_index("patient_id").reindex(ids).reset_index()

    @cached_property
    def assessed(self) -> Members:
        """Those described of whom there is a row of clonality."""
        return self.everybody.known(self.classes.axis)

    @cached_property
    def samples(self) -> Tested:
        """The samples of those described, with what each method said."""
        labels = dict(_METHODS)
        if self.absent:
            empty = {f"assay_{name}": pd.Series(dtype="object") for name in CLONE_METHODS}
            counts = {
                f"n_{name}": pd.Series(dtype="int64") for name in ("contradictory", "repeated")
            }
            frame = pd.DataFrame({"patient_id": pd.Series(dtype="object")} | empty | counts)
        else:
            frame = clone_tests(self.cohort, self.design.lgl)
        return of_samples(self.everybody, frame, labels, rule="excluded")

    @cached_property
    def genes(self) -> tuple[str, ...]:
        """The genes that the whole cohort looked at, or enough of it where it is restricted."""
        every = self.everybody.base.everybody
        known = {name: len(every.known(self.gene(name))) for name in LGL_GENES}
        return tuple(name for name, n in known.items() if n >= self.enough)

    @property
    def untested_genes(self) -> str:
        """Why nothing is known of mutations; empty where something may be."""
        few = "neither STAT3 nor STAT5B was looked at often enough to tell of"
        none = "this cohort looked at neither STAT3 nor STAT5B"
        no_test = "" if self.genes else (few if self.scope.lists_all else none)
        return first_reason(no_table(self.cohort, "gene_tests"), no_test)

    @cached_property
    def _mutations(self) -> pd.DataFrame:
        return self._aligned(mutation_frame(self.cohort))

    def gene(self, name: str) -> str:
        """The column of whether a gene is mutated."""
        return self.everybody.base.flag(f"{name}_mutated", self._mutations[name])

    @property
    def diagnosis(self) -> str:
        """The column of the clinic's diagnosis."""
        return self.everybody.base.cut("lgl_diagnosis", self._mutations["diagnosis"], DIAGNOSES)

    @property
    def is_low(self) -> str:
        """The column of whether the neutrophil count is low."""
        base = self.everybody.base
        return base.flag("is_neutropenic", base.frame["is_neutropenic"])

    @property
    def is_linked(self) -> bool:
        """Whether it is known which courses were one patient's."""
        return self.cohort.card.unit == "patient"

    @cached_property
    def courses(self) -> Members:
        """The courses of those described."""
        frame = response_frame(self.cohort, self.design.assess_months)
        base = Base("courses", frame)
        for box in self.everybody.name.boxes:
            for column in box.by_axis:
                base.borrow(column, self.everybody.base)
        base.cut("drug", frame["drug"], LGL_DRUGS)
        for name in RESPONSE_COLUMNS[2:]:
            base.flag(name, frame[name])
        return Members(base, self.everybody.name)

    @cached_property
    def severity_of_courses(self) -> str:
        """The column of courses that says how deep the patient's neutropenia is."""
        return self.courses.base.borrow("severity", self.everybody.base)

    @property
    def severity_labels(self) -> dict[str, str]:
        """The grades with their bounds."""
        limit = severity_system(self.choices).upper_limit
        return vocabulary.severity_labels(self.choices.severity_system, limit)

    @cached_property
    def drugs(self) -> tuple[str, ...]:
        """The drugs of which the whole cohort has courses, or has enough where it is restricted."""
        every = self.courses.base.everybody
        return tuple(name for name in LGL_DRUGS if len(every.where("drug", name)) >= self.enough)

    @property
    def enough(self) -> int:
        """From how many rows on something is in use: of a restricted cohort more than a few."""
        return _FEW + 1 if self.scope.lists_all else 1

    @property
    def untreated(self) -> str:
        """Why there is no response to tell of; empty where there may be one."""
        few = "no drug against LGL leukaemia was given often enough to tell of"
        none = "this cohort records no course of a drug against LGL leukaemia"
        no_course = "" if self.drugs else (few if self.scope.lists_all else none)
        return first_reason(no_table(self.cohort, "medications", "events"), no_course)

    @cached_property
    def method_pairs(self) -> list[tuple[str, str]]:
        """Every two methods of which the whole cohort has results, whoever is described.

        Of a restricted cohort a method counts that enough samples had.
        """
        every = self.samples.base.everybody
        used = [
            name for name in CLONE_METHODS if len(self.samples.counting(name, every)) >= self.enough
        ]
        return list(combinations(used, 2))

    @property
    def unpaired(self) -> str:
        """Why no two methods can be compared; empty where two can."""
        few = "no two methods that look for a clone of T cells were used often enough to compare"
        none = "this cohort does not name two methods that looked for a clone of T cells"
        return first_reason(
            self.absent, *([few if self.scope.lists_all else none] * (not self.method_pairs))
        )

    def label(self, method: str) -> str:
        """A method's name as it is printed."""
        return _METHODS[method]
