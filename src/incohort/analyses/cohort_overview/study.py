"""Who is in a cohort: attrition, Table 1, severity, course, other cytopenias, causes, counts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.analyses import recorded, vocabulary
from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.grading import with_duffy_null, with_limits
from incohort.analyses.making import Made, Scope
from incohort.analyses.parameters.shared import GroupBy
from incohort.analyses.population import Population, Selection, select
from incohort.analyses.study import Study
from incohort.analyses.table_one import table_one
from incohort.cohort import Choices, severity_system
from incohort.dictionary import SeveritySystem
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)

_PREFIX = "cohort_overview"
_MOST_BINS = 15
_TOP = 0.95  # what lies above this quantile shares the last bin, so that no maximum is told
_LAST_BIN = 20  # so many share the last bin of a restricted cohort, where there are so many
_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)  # widths a reader counts in


class CohortOverview(Study[OverviewParameters]):
    """The questions that come before all others, asked of one cohort."""

    parameters = OverviewParameters

    @cached_property
    def _choices(self) -> Choices:
        return self.asked.part(Choices)

    @property
    def _system(self) -> SeveritySystem:
        return severity_system(self._choices)

    @cached_property
    def _population(self) -> Population:
        return select(self._cohort, self._choices, self.asked.part(Selection))

    @property
    def _frame(self) -> pd.DataFrame:
        return self._population.frame

    @cached_property
    def _scope(self) -> Scope:
        return Scope(
            cohort=self._cohort,
            prefix=_PREFIX,
            conf_level=self.asked.conf_level,
            interval=self.asked.interval,
            restricted_by=self._population.restricted_by,
            asked=self.asked.asked,
        )

    def attrition(self) -> Findings:
        """The steps from everybody in the cohort to those described, with who was left out."""
        made = Made(scope=self._scope, sources=("patients.patient_id",))
        included: list[str] = []
        excluded: list[str] = []
        rows: list[Row] = []
        margins: list[Margin] = []
        for step in self._population.steps:
            if step.name == "counted":
                made.sources = ("labs.ANC",)
            if step.name == "neutropenic":
                made.sources = self._population.grading_sources
            before = included[-1] if included else None
            kept = made.count(f"attrition/{step.name}/count", step.label, step.n)
            included.append(kept)
            cells = [Cell(CellKind.COUNT, (kept,)), Cell(CellKind.TEXT), Cell(CellKind.TEXT)]
            if before:
                left = made.count(
                    f"attrition/{step.name}/excluded/count",
                    f"Left out: {step.reason}",
                    step.excluded,
                )
                excluded.append(left)
                margins.append(Margin(total=before, parts=(kept, left)))
                cells[1:] = [Cell(CellKind.COUNT, (left,)), Cell(CellKind.TEXT, text=step.reason)]
            rows.append(Row(step.label, tuple(cells)))
        table = Table(
            key=self._scope.key("attrition/table"),
            caption="From everybody in the cohort to those with a low count",
            stub_head="Step",
            columns=(Column("Left"), Column("Left out"), Column("Because")),
            rows=tuple(rows),
            notes=(f"The other parts of this report describe {self._population.label}.",),
        )
        figure = Figure(
            key=self._scope.key("attrition/figure"),
            kind=FigureKind.FLOW,
            caption="Flow of patients",
            alt=f"From {{{included[0]}:count}} patients in the cohort, "
            f"{{{included[-1]}:count}} have a count below the limit.",
            series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
        )
        layout = Layout(tables=(table,), figures=(figure,), margins=tuple(margins))
        return self._scope.findings("attrition", "Who is here", made, layout)

    def characteristics(
        self, group_by: GroupBy | None = None, *, show_p_values: bool | None = None
    ) -> Findings:
        """Table 1: characteristics of the patients described, overall and by group.

        Args:
            group_by: The property that makes the groups, or `none`; as the parameter says where
                not given.
            show_p_values: Whether to test each characteristic; likewise.
        """
        asked = self.asked.but(group_by=group_by, show_p_values=show_p_values)
        found = table_one(
            self._scope,
            self._frame,
            self._labelled_grades,
            group_by=asked.group_by,
            show_p_values=asked.show_p_values,
        )
        links = (self._described("table_one/overall/n/count"), *self._table_one_links())
        return replace(found, layout=replace(found.layout, margins=(*found.layout.margins, *links)))

    def _table_one_links(self) -> Iterator[Margin]:
        """Which counts of Table 1 stand in another table, too; what is not there is passed over."""
        names = {
            "severity": self._labelled_grades,
            "course": vocabulary.COURSES,
            "cytopenia": vocabulary.CYTOPENIAS,
            "aetiology": vocabulary.labels("patients", "aetiology"),
        }
        for by, categories in names.items():
            for name in categories:
                share = f"{by}/{name}/proportion"
                yield self._scope.same(f"table_one/{name}/n/count", share)
                yield self._scope.same(f"table_one/overall/{by}/{name}/proportion", share)
        for by in ("severity", "aetiology"):
            absent = f"{by}/not_recorded/count"
            yield self._scope.same("table_one/not_recorded/n/count", absent)
            yield self._scope.same(f"table_one/overall/{by}/missing/count", absent)
        if self.asked.describe == "everybody":
            absent = "table_one/overall/anc/missing/count"
            yield self._scope.same("attrition/counted/excluded/count", absent)
            yield self._scope.sum("attrition/counted/count", f"{absent}#others")

    def _described(self, tail: str) -> Margin:
        """Says to the gate that a key counts all patients described, as the flow's step does."""
        names = [step.name for step in self._population.steps]
        chosen = self.asked.describe
        step = names[names.index("counted") - 1] if chosen == "everybody" else chosen
        return self._scope.same(f"attrition/{step}/count", tail)

    @property
    def _labelled_grades(self) -> dict[str, str]:
        return vocabulary.severity_labels(
            self._choices.severity_system, self._system.upper_limit, self._population.infant_limit
        )

    def severity(self) -> Findings:
        """How many patients fall in each grade, and by whose limit."""
        made = Made(scope=self._scope, sources=self._population.grading_sources)
        which = {
            "index": "count nearest the index date",
            "nadir": "lowest count",
            "latest": "last count",
        }[self._choices.count_at]
        note = (
            f"By the {which}; shares are of the patients with a count. "
            f"{self._system.label}. {self._system.source}"
        )
        low = [name for name in self._labelled_grades if name not in {"none", vocabulary.UNKNOWN}]
        links = (
            self._scope.same("attrition/counted/excluded/count", "severity/not_recorded/count"),
            self._scope.same("attrition/counted/count", "severity/none/proportion#n"),
            self._scope.sum(
                "attrition/neutropenic/excluded/count",
                *("severity/none/proportion", "severity/unknown/proportion"),
            ),
            self._scope.sum(
                "attrition/neutropenic/count", *(f"severity/{name}/proportion" for name in low)
            ),
        )
        found = self._distribution(
            made,
            "severity",
            "Severity",
            self._frame["severity"],
            self._labelled_grades,
            notes=(note,),
            links=links,
            nobody="nobody described has a neutrophil count",
            reason=self._untold(
                self._frame["severity"].dropna(),
                "",
                "every count is given with < or > so that its grade is open",
            ),
        )
        found = with_limits(found, self._scope, self._population, self._choices)
        return with_duffy_null(found, self._scope, self._population)

    @property
    def _no_counts(self) -> str:
        """Why no grade can be told of anybody; empty where somebody has a count.

        That a cohort has no such table is no secret; that nobody in a table has a count may be.
        """
        if not self._cohort.has("labs"):
            return "the cohort has no table labs"
        if self._scope.lists_all or self._frame["anc"].notna().any():
            return ""
        return "no patient has a neutrophil count"

    def _untold(self, values: pd.Series, absent: str, otherwise: str) -> str:
        """Why something can be told of nobody described; empty where it can of somebody.

        Of a restricted cohort only what the whole cohort does not record is a reason (`absent`):
        that nobody described happens to be known may be a secret.
        """
        if self._no_counts or not len(values) or not (values == vocabulary.UNKNOWN).all():
            return self._no_counts
        return absent or ("" if self._scope.lists_all else otherwise)

    def course(self) -> Findings:
        """How many neutropenias are acute, chronic, or too briefly observed to tell."""
        made = Made(scope=self._scope, sources=(*self._population.grading_sources, "labs.taken_at"))
        chronic = vocabulary.chronic_words(self._choices.chronic)
        note = (
            "Of the first spell of counts below the limit. Chronic: low counts in it lie "
            f"{chronic} apart. Acute: it ended sooner. Otherwise it cannot be told. Patients "
            "without any dated low count are left out."
        )
        values = self._frame["course"].dropna()
        return self._distribution(
            made,
            "course",
            "Course",
            values,
            vocabulary.COURSES,
            notes=(note,),
            nobody="nobody described has a dated count below the limit",
            reason=self._untold(
                values,
                recorded.one_count_each(self._cohort),
                "the counts are too few or too far apart to tell the course in anybody described",
            ),
            may_lack=False,
        )

    def cytopenia(self) -> Findings:
        """Whether the neutropenia comes alone or with anaemia or thrombocytopenia."""
        made = Made(
            scope=self._scope,
            sources=(*self._population.grading_sources, "labs.HB", "labs.PLT", "patients.sex"),
        )
        note = (
            "Of patients with a count below the limit, by haemoglobin and platelets nearest the "
            "index date. It cannot be told where either was not measured, or is known on one side "
            "of a limit only, or where haemoglobin lies between the limits of women and men and "
            "the sex is not recorded. Haemoglobin is held against the limits of adults at every "
            "age."
        )
        values = self._frame["cytopenia"].dropna()
        links = (self._scope.same("attrition/neutropenic/count", "cytopenia/total/count"),)
        labels = vocabulary.CYTOPENIAS
        return self._distribution(
            made,
            "cytopenia",
            "Alone or combined",
            values,
            labels,
            notes=(note,),
            links=links,
            nobody="nobody described has a count below the limit",
            reason=self._untold(
                values,
                recorded.no_other_lines(self._cohort),
                "haemoglobin and platelets tell of nobody described whether the neutropenia comes "
                "alone",
            ),
            may_lack=False,
        )

    def aetiology(self) -> Findings:
        """The causes that the cohort's investigators settled on."""
        made = Made(scope=self._scope, sources=("patients.aetiology",))
        known = vocabulary.labels("patients", "aetiology")
        values = self._frame["aetiology"]
        seen = {
            name: label
            for name, label in known.items()
            if self._scope.lists_all or (values == name).any()
        }
        return self._distribution(
            made,
            "aetiology",
            "Causes",
            values,
            seen or known,
            notes=(recorded.SHARES_NOTE,) if self._scope.lists_all or values.isna().any() else (),
            nobody="the cause is recorded of nobody described",
            reason=self._population.unrecorded.get("aetiology", ""),
        )

    def counts(self) -> Findings:
        """How the neutrophil counts are distributed."""
        made = Made(scope=self._scope, sources=("labs.ANC",))
        values = self._frame["anc"].dropna().astype(float)
        unit = vocabulary.analyte_unit("ANC")
        rows = [(str(one), 0) for one in self._frame.loc[values.index, "patient_id"]]
        keys = made.quartiles("anc", "Neutrophil count", values, unit=unit, rows=rows)
        bins, margin, above = _histogram(made, values.to_numpy(dtype=np.float64))
        highest = "" if self._scope.lists_all else f" (the highest is {values.max():.3g})"
        last = (
            f"; the last bar, hatched, holds all from {above:g} up{highest}, so its height does "
            "not compare with the others’"
        )
        figures: tuple[Figure, ...] = ()
        if bins:
            figures = (
                Figure(
                    key=self._scope.key("anc/figure"),
                    kind=FigureKind.HISTOGRAM,
                    caption=f"Neutrophil counts of the patients described{last if above else ''}",
                    alt="Histogram of neutrophil counts; the median is "
                    f"{{{keys[0]}:estimate}} × 10⁹/L.",
                    series=(Series("Patients", bins),),
                    x_label="Neutrophil count, 10⁹/L",
                    y_label="Patients",
                ),
            )
        sentence = Sentence(
            "The median neutrophil count (interquartile range) was "
            f"{{{'|'.join(keys)}:median_iqr}} × 10⁹/L."
        )
        links = (self._scope.same("attrition/counted/count", "anc/total/count"),)
        layout = Layout(sentences=(sentence,), figures=figures, margins=(*margin, *links))
        return self._scope.findings("anc", "Neutrophil counts", made, layout)

    def _distribution(  # noqa: PLR0913 — the parts of a table, each by its name
        self,
        made: Made,
        name: str,
        title: str,
        values: pd.Series,
        labels: Mapping[str, str],
        *,
        notes: tuple[str, ...] = (),
        links: tuple[Margin, ...] = (),
        nobody: str,
        reason: str = "",
        may_lack: bool = True,
    ) -> Findings:
        """Each category's share of those in whom it is recorded: a table, a bar chart, margins.

        `reason` says why nothing is recorded in the whole cohort; then there is a line that says
        so, and no table. `may_lack` says whether it may not be recorded of some of `values`.
        """
        total = made.count(f"{name}/total/count", f"{title}: patients", len(values))
        found = recorded.shares(
            made,
            name,
            values,
            labels,
            nobody=nobody,
            reason=reason,
            may_lack=may_lack,
        )
        linked = (*found.margins, *links, self._described(f"{name}/total/count"))
        if reason:
            said = (Sentence(recorded.as_sentence(reason)),)
            layout = Layout(sentences=said, margins=linked)
            return self._scope.findings(name, title, made, layout)
        level = f"{100 * self.asked.conf_level:g} %"
        table = Table(
            key=self._scope.key(f"{name}/table"),
            caption=title,
            stub_head="Patients",
            columns=(Column("n (%)"), Column(f"% ({level} CI)")),
            rows=(Row("All", (Cell(CellKind.COUNT, (total,)), Cell(CellKind.TEXT))), *found.rows),
            notes=notes,
        )
        figure = Figure(
            key=self._scope.key(f"{name}/figure"),
            kind=FigureKind.BARS,
            caption=f"{title}: share of patients, with {level} intervals",
            alt=f"{title}: "
            + clauses(*(f"{labels[c]} {{{key}:n_percent}}" for c, key in found.keys.items()))
            + ".",
            series=(Series("Patients", tuple(found.keys.values())),),
            x_label="Share of patients, %",
        )
        layout = Layout(tables=(table,), figures=(figure,), margins=linked)
        return self._scope.findings(name, title, made, layout)


def _histogram(
    made: Made, values: NDArray[np.floating]
) -> tuple[tuple[str, ...], tuple[Margin, ...], float]:
    """Counts in bins of equal width from zero, and the margin that they make.

    Last, where the bin begins that has no end; 0 where none has. Of a restricted cohort one has,
    whatever the highest count is.
    """
    if not len(values):
        return (), (), 0.0
    top = float(np.quantile(values, _top(len(values), is_public=not made.scope.lists_all)))
    width = next((step for step in _STEPS if top / step < _MOST_BINS), _STEPS[-1])
    n_bins = math.floor(round(top / width, 9)) + 1
    edges = np.round(np.arange(n_bins + 1) * width, 9)
    is_open = made.scope.lists_all or bool((values >= edges[-1]).any())
    which = np.minimum(np.searchsorted(edges, values, side="right") - 1, n_bins - 1)
    keys = tuple(
        made.count(
            f"anc/histogram/{low:g}_to_{high:g}/count",
            f"{low:g} or above" if is_open and high == edges[-1] else f"{low:g} to below {high:g}",
            int((which == position).sum()),
            n=len(values),
        )
        for position, (low, high) in enumerate(itertools.pairwise(edges))
    )
    total = made.count("anc/total/count", "Patients with a neutrophil count", len(values))
    return keys, (Margin(total=total, parts=keys),), float(edges[-2]) if is_open else 0.0


def _top(n: int, *, is_public: bool) -> float:
    """Above which share of the counts the last bin begins.

    Where few lie above it, the bins' width would follow the counts of single patients.
    """
    return _TOP if is_public else max(0.5, min(_TOP, 1 - _LAST_BIN / n))
