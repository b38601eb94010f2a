"""The whole data dictionary, read once and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from incohort.dictionary.drug_names import DrugName, codes_by_key, name_keys
from incohort.dictionary.files import bundled
from incohort.dictionary.models import (
    Analyte,
    Analytes,
    Contradiction,
    DateOrder,
    Definition,
    Definitions,
    Drug,
    SeveritySystem,
    TableSpec,
    Threshold,
    unit_key,
)
from incohort.dictionary.nearest import unknown_name
from incohort.dictionary.parse import DictionaryError, parse_file
from incohort.dictionary.publications import Study
from incohort.dictionary.rows import parse_rows

_TABLE_ORDER = (
    "patients",
    "labs",
    "medications",
    "antibody_tests",
    "diagnoses",
    "events",
    "clonality",
    "autoantibodies",
    "findings",
    "visits",
    "gene_tests",
    "hna_types",
    "marrow",
    "transplants",
)


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """What every column, analyte, threshold and drug of a cohort means.

    `tables` and `analytes` are in reading order, under their names.
    """

    tables: Mapping[str, TableSpec]
    analytes: Mapping[str, Analyte]
    definitions: Definitions
    drugs: tuple[Drug, ...]
    drug_names: tuple[DrugName, ...] = ()

    def table(self, name: str) -> TableSpec:
        """The table of that name, or a refusal with the nearest one."""
        if name not in self.tables:
            raise unknown_name("table", name, self.tables)
        return self.tables[name]

    def analyte(self, name: str) -> Analyte:
        """The analyte of that name, or a refusal with the nearest one."""
        if name not in self.analytes:
            raise unknown_name("analyte", name, self.analytes)
        return self.analytes[name]

    def severity_system(self, name: str) -> SeveritySystem:
        """The way of grading of that name, or a refusal with the nearest one."""
        systems = {system.name: system for system in self.definitions.severity_systems}
        if name not in systems:
            raise unknown_name("severity system", name, systems)
        return systems[name]

    def definition(self, name: str) -> Definition:
        """The clinical definition of that name, or a refusal with the nearest one."""
        entries = {entry.name: entry for entry in self.definitions.definitions}
        if name not in entries:
            raise unknown_name("definition", name, entries)
        return entries[name]

    def threshold(self, definition: str, alternative: str) -> Threshold:
        """One alternative of a definition, or a refusal with the nearest name."""
        alternatives = {entry.name: entry for entry in self.definition(definition).alternatives}
        if alternative not in alternatives:
            raise unknown_name(f"alternative of {definition!r}", alternative, alternatives)
        return alternatives[alternative]

    def drug(self, code_or_name: str) -> Drug | None:
        """The drug with that ATC code, present or former, or one of its names; None if unlisted."""
        wanted = code_or_name.strip()
        code = self.code_of(wanted) or wanted.upper()
        return next((drug for drug in self.drugs if code in drug.all_atc), None)

    def drugs_of(self, *drug_classes: str) -> tuple[Drug, ...]:
        """The drugs of some classes, in the dictionary's order, or a refusal with the nearest."""
        known = dict.fromkeys(drug.drug_class for drug in self.drugs)
        for name in drug_classes:
            if name not in known:
                raise unknown_name("class of drugs", name, known)
        return tuple(drug for drug in self.drugs if drug.drug_class in drug_classes)

    def code_of(self, name: str) -> str | None:
        """The ATC code behind a drug's name, synonym or brand; None where nobody knows it."""
        known = self.codes_by_key
        return next((known[key] for key in name_keys(name) if key in known), None)

    def substance(self, code: str) -> str:
        """The international name behind an ATC code, or the first of the names that it has."""
        drugs = [drug.name for drug in self.drugs if code in drug.all_atc]
        others = [entry.name for entry in self.drug_names if entry.atc == code]
        return next(iter([*drugs, *others]), code)

    def names_of(self, drug: Drug) -> tuple[str, ...]:
        """The other names that a drug goes by, in the dictionary's order."""
        return tuple(entry.name for entry in self.drug_names if entry.atc in drug.all_atc)

    @cached_property
    def codes_by_key(self) -> Mapping[str, str]:
        """The ATC code behind each name that drugs go by, as `name_key` reads it."""
        return codes_by_key(self.drugs, self.drug_names)


@cache
def load() -> Dictionary:
    """The dictionary that comes with this installation.

    Raises:
        DictionaryError: A file of it is not as its model says.
    """
    return load_from(bundled("data_dictionary"))


def load_from(root: Path) -> Dictionary:
    """The dictionary in a folder that has `tables/`, `analytes.yaml` and the rest.

    Raises:
        DictionaryError: A file is missing, malformed, or gives one name twice.
    """
    tables = {
        name: parse_file(root / "tables" / f"{name}.yaml", TableSpec) for name in _TABLE_ORDER
    }
    for name, table in tables.items():
        _refuse_twins(f"tables/{name}.yaml", "column", [column.name for column in table.columns])
        if table.name != name:
            msg = f"tables/{name}.yaml: name is {table.name!r}; it must be the file's."
            raise DictionaryError(msg)
        _refuse_strangers(table)
    analytes = parse_file(root / "analytes.yaml", Analytes).analytes
    _refuse_twins("analytes.yaml", "analyte", [analyte.name for analyte in analytes])
    for analyte in analytes:
        _refuse_ambiguous_units(analyte)
        _refuse_strange_parts(analyte, {entry.name: entry for entry in analytes})
    definitions = parse_file(root / "definitions.yaml", Definitions)
    drugs = _read_drugs(root / "drugs.csv")
    systems = [system.name for system in definitions.severity_systems]
    _refuse_twins("definitions.yaml", "severity system", systems)
    _refuse_twins("definitions.yaml", "definition", [d.name for d in definitions.definitions])
    for entry in definitions.definitions:
        names = [alternative.name for alternative in entry.alternatives]
        _refuse_twins("definitions.yaml", f"alternative of {entry.name!r}", names)
    return Dictionary(
        tables=MappingProxyType(tables),
        analytes=MappingProxyType({analyte.name: analyte for analyte in analytes}),
        definitions=definitions,
        drugs=drugs,
        drug_names=_read_drug_names(root / "drug_names.csv", drugs),
    )


def _refuse_twins(file: str, kind: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            msg = f"{file}: {kind} {name!r} stands {count} times."
            raise DictionaryError(msg)


def _refuse_strangers(table: TableSpec) -> None:
    """A rule between two columns names columns and values, or it would never be asked."""
    columns = {column.name: column for column in table.columns}
    named = {side for order in table.date_orders for side in (order.earlier, order.later)}
    named |= {order.column for order in table.date_orders if order.column}
    named |= {side for entry in table.contradictions for side in (entry.column, entry.other)}
    strangers = {name for name in named if "." not in name} - columns.keys()
    if strangers:
        msg = f"tables/{table.name}.yaml: a rule names no column: {', '.join(sorted(strangers))}."
        raise DictionaryError(msg)
    rules: list[DateOrder | Contradiction] = [*table.date_orders, *table.contradictions]
    asked = {pair for entry in rules for pair in _values_of(entry)}
    asked |= {(name, column.default) for name, column in columns.items() if column.default}
    for name, value in sorted(asked):
        if value not in {category.value for category in columns[name].categories}:
            msg = f"tables/{table.name}.yaml: a rule asks for {value!r}, which {name} never is."
            raise DictionaryError(msg)


def _values_of(entry: DateOrder | Contradiction) -> Iterator[tuple[str, str]]:
    """The column whose values decide whether a rule is asked, with each value that it names."""
    if entry.column is None:
        return
    if entry.value is not None:
        yield entry.column, entry.value
    if isinstance(entry, Contradiction):
        yield from ((entry.column, value) for value in entry.unless)


def _refuse_strange_parts(analyte: Analyte, known: Mapping[str, Analyte]) -> None:
    """A whole is another analyte, of a count one that the part's units can be converted to."""
    named = {analyte.part_of.analyte} if analyte.part_of else set()
    named |= {analyte.gives} if analyte.gives else set()
    strangers = named - (known.keys() - {analyte.name})
    if strangers:
        msg = f"analytes.yaml: {analyte.name} is part of no other analyte: {', '.join(strangers)}."
        raise DictionaryError(msg)
    if analyte.part_of is None or analyte.unit == "%":
        return
    whole = known[analyte.part_of.analyte]
    if analyte.accepted(whole.unit) is None:
        msg = f"analytes.yaml: {analyte.name} can't be compared with {whole.name} in {whole.unit}."
        raise DictionaryError(msg)


def _refuse_ambiguous_units(analyte: Analyte) -> None:
    """Refuse a spelling that stands for two units: the last of them would win in silence."""
    owner: dict[str, str] = {}
    for accepted in analyte.units:
        for spelling in (accepted.unit, *accepted.aliases):
            other = owner.setdefault(unit_key(spelling), accepted.unit)
            if other != accepted.unit:
                msg = (
                    f"analytes.yaml: {spelling!r} of {analyte.name} stands for {other!r} "
                    f"and for {accepted.unit!r}."
                )
                raise DictionaryError(msg)


def _read_drugs(path: Path) -> tuple[Drug, ...]:
    """The drugs in file order."""
    drugs = parse_rows(path, Drug, listed=("also_atc", "former_atc"))
    _refuse_twins("drugs.csv", "drug", [drug.name for drug in drugs])
    _refuse_twins("drugs.csv", "ATC code", [code for drug in drugs for code in drug.all_atc])
    return drugs


def _read_drug_names(path: Path, drugs: tuple[Drug, ...]) -> tuple[DrugName, ...]:
    """The drugs' other names in file order; two names that are read alike name one drug."""
    names = parse_rows(path, DrugName)
    _refuse_twins("drug_names.csv", "name", [entry.name for entry in names])
    codes_by_key(drugs, names)
    return names


@cache
def study(name: str) -> Study:
    """What a published study printed.

    Raises:
        UsageError: No study of that name is in the dictionary; names the nearest.
        DictionaryError: Its file is not as its model says.
    """
    known = studies()
    if name not in known:
        raise unknown_name("published study", name, known)
    return parse_file(bundled("data_dictionary") / "published" / f"{name}.yaml", Study)


@cache
def studies() -> tuple[str, ...]:
    """The names of the published studies in the dictionary, sorted."""
    folder = bundled("data_dictionary") / "published"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))
