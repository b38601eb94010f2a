"""How often STAT3 and STAT5B are mutated, by the clinic's diagnosis, centre and class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from incohort.analyses.lgl.question import DIAGNOSES, Question
from incohort.results import Figure, Findings, Layout, Row, Sentence, Table
from incohort.shapes import recorded, tabular
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.groups import Group, groups_by
from incohort.shapes.recorded import NOT_RECORDED, no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import cell, row
from incohort.shapes.telling import Draft
from incohort.shapes.two_by_two import TwoByTwo

_SOURCES = ("gene_tests.result", "gene_tests.gene")
_GROUPED = ("diagnoses.condition", "patients.centre")
_MOST = 8  # centres of which each is compared
_ON_MEANING = (
    "Diagnoses are the clinic's. One centre may call Felty syndrome what another takes for T-LGL "
    "leukaemia, and methods differ in the smallest clone that they see: a difference between "
    "centres need not be one of patients."
)
_ON_POOLING = (
    "A row that names no centre is of all centres together, which may differ in whom they call "
    "what. Where two centres have the same diagnosis, the next table has the P value between them."
)


def mutations(question: Question) -> Findings:
    """The share with a mutation of those tested, and whether groups differ."""
    draft = Draft(scope=question.scope, sources=_SOURCES)
    genes, reason = question.genes, question.untested_genes
    parts = [_Gene(question=question, draft=draft, name=name) for name in genes]
    layout = Layout(
        sentences=recorded.instead(reason) or tuple(s for part in parts for s in part.sentences),
        tables=tuple(table for part in parts for table in part.tables),
        figures=tuple(part.figure for part in parts),
        cautions=(_ON_MEANING,) if genes else (),
    )
    return draft.findings("mutation", "Mutations", layout)


@dataclass(frozen=True, kw_only=True)
class _Gene:
    """What is asked of one gene."""

    question: Question
    draft: Draft
    name: str

    @property
    def _tail(self) -> str:
        return f"mutation/{self.name}"

    @cached_property
    def tested(self) -> Members:
        """Those described in whom the gene was looked at."""
        return self.question.everybody.known(self.question.gene(self.name))

    @cached_property
    def diagnoses(self) -> list[Group]:
        """The tested by the clinic's diagnosis."""
        lists_all = self.question.scope.lists_all
        axis = self.question.diagnosis
        groups = groups_by(self.tested, axis, DIAGNOSES, lists_all=lists_all)
        return [group for group in groups if group.name != NOT_RECORDED]

    @cached_property
    def centres(self) -> list[Group]:
        """The tested by centre, where there are several."""
        lists_all = self.question.scope.lists_all
        groups = groups_by(self.tested, "centre", {}, lists_all=lists_all)
        groups = [group for group in groups if group.name != NOT_RECORDED]
        return groups if 1 < len(groups) <= _MOST else []

    def _asked(self) -> Iterator[Fraction]:
        """All tested, each diagnosis, and each diagnosis at each centre."""
        yield self._fraction("all", "All tested", self.tested)
        for group in self.diagnoses:
            yield self._fraction(group.name, group.label, group.members)
            for centre in self.centres:
                members = self._at(group, centre)
                if len(members) or self.question.scope.lists_all:
                    tail = f"{centre.name}/{group.name}"
                    yield self._fraction(tail, f"{group.label}, {centre.label}", members, 1)

    def _at(self, group: Group, centre: Group) -> Members:
        ((axis, words),) = [
            (axis, words) for axis, words in centre.members.name.by_axis.items() if axis == "centre"
        ]
        return group.members.where(axis, *words)

    def _fraction(self, tail: str, label: str, members: Members, level: int = 0) -> Fraction:
        return Fraction(
            tail=f"{self._tail}/{tail}/proportion", label=f"{self.name} mutated, {label}",
            head=label, events=members.where(self.question.gene(self.name), YES), of=members,
            nobody="nobody of this kind was tested", level=level,
            sources=_GROUPED if tail != "all" else (),
        )  # fmt: skip

    @property
    def _on_pooling(self) -> tuple[str, ...]:
        return (_ON_POOLING,) if self.centres else ()

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The shares, and the tests of a difference."""
        asked = list(self._asked())
        shares = fractions(self.draft, "Mutated / tested (%)", asked)
        scope, rows = self.question.scope, list(self._tests())
        table = tabular.table(
            scope, self._tail, f"{self.name} mutated, of those tested", "Clinic's diagnosis",
            shares.columns, shares.rows, "Tests of the germline are left out.", *self._on_pooling,
        )  # fmt: skip
        tests = tabular.table(
            scope, f"{self._tail}/tests", f"{self.name}: do groups differ?", "Compared",
            (f"Odds ratio ({scope.level} CI)", "Exact P"), rows,
            "Conditional odds ratio and Fisher's exact test, two-sided, not corrected for how many "
            "there are.",
        )  # fmt: skip
        return (table, tests) if rows else (table,)

    def _tests(self) -> Iterator[Row]:
        by_name = {group.name: group for group in self.diagnoses}
        felty, t_lgl = by_name.get("felty"), by_name.get("t_lgl_leukaemia")
        if felty and t_lgl:
            words = f"{t_lgl.label} against {felty.label}"
            for centre in self.centres:
                first, second = self._at(t_lgl, centre), self._at(felty, centre)
                if (len(first) and len(second)) or self.question.scope.lists_all:
                    yield self._row(centre.name, f"{words}, {centre.label}", first, second)
            if not self.centres:
                yield self._row("diagnosis", words, t_lgl.members, felty.members)
        for group in self.diagnoses:
            for a, b in combinations(self.centres, 2):
                first, second = self._at(group, a), self._at(group, b)
                if (len(first) and len(second)) or self.question.scope.lists_all:
                    tail = f"{group.name}/{a.name}/{b.name}"
                    words = f"{group.label}: {a.label} against {b.label}"
                    yield self._row(tail, words, first, second)
        yield self._with_neutropenia()

    def _row(self, tail: str, label: str, first: Members, second: Members) -> Row:
        self.draft.sources = (*_SOURCES, *_GROUPED)
        compared = TwoByTwo(
            draft=self.draft, first=first, second=second, axis=self.question.gene(self.name),
            events=(YES,), whole=first | second,
        )  # fmt: skip
        return self._compared(compared, tail, label)

    def _with_neutropenia(self) -> Row:
        """Whether those with the mutation are neutropenic more often."""
        question, gene = self.question, self.question.gene(self.name)
        self.draft.sources = (*_SOURCES, *question.population.grading_sources)
        groups = [self.tested.where(gene, word) for word in (YES, NO)]
        compared = TwoByTwo(
            draft=self.draft, first=groups[0], second=groups[1], axis=question.is_low,
            events=(YES,), whole=self.tested, reason=no_table(question.cohort, "labs"),
        )  # fmt: skip
        return self._compared(compared, "neutropenia", "Neutropenia: mutated against not")

    def _compared(self, compared: TwoByTwo, tail: str, label: str) -> Row:
        words = f"{self.name}, {label}"
        keys = (
            compared.odds_ratio(f"{self._tail}/{tail}/odds_ratio", f"{words}: odds ratio"),
            compared.fisher(f"{self._tail}/{tail}/p_value", f"{words}: exact P"),
        )
        self.draft.sources = _SOURCES
        return row(label, cell("estimate_ci", keys[0]), cell("p_value", keys[1]))

    @property
    def _keys(self) -> dict[str, str]:
        """The keys of the shares that no other sums up, by their heads."""
        key = self.question.scope.key
        asked = list(self._asked())
        deepest = [a for a in asked if a.level] or asked[1:] or asked
        return {a.head: key(a.tail) for a in deepest}

    @property
    def figure(self) -> Figure:
        """The shares as a forest plot."""
        phrases = tabular.phrases(self._keys, "fraction_percent_ci")
        return tabular.forest(
            self.question.scope, self._tail, f"{self.name} mutated, by the clinic's diagnosis",
            f"Share mutated: {phrases}.", {"Diagnosis": self._keys.values()}, "Share mutated, %",
        )  # fmt: skip

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The shares in a sentence."""
        phrases = tabular.phrases(self._keys, "fraction_percent_ci")
        return (Sentence(f"{self.name} was mutated, of those tested: {phrases}.", is_key=True),)
