"""Any part of the dictionary by its name, as listings: rows under heads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from incohort.dictionary.antigens import hna
from incohort.dictionary.assay_evidence import assay_series
from incohort.dictionary.collected import collectable
from incohort.dictionary.evidence import gcsf_arms, gcsf_pooled, recovery_series
from incohort.dictionary.load import Dictionary, load
from incohort.dictionary.nearest import brief, nearest_name
from incohort.errors import UsageError
from incohort.pages import describe_recovery as recovery
from incohort.pages.describe_assays import antigen, antigens, series
from incohort.pages.describe_clinical import (
    definition,
    definitions,
    drugs,
    severity_system,
    severity_systems,
)
from incohort.pages.describe_data import analyte, analytes, collected, table, tables
from incohort.pages.wording import Listing

_LISTS: Mapping[str, Callable[[Dictionary], tuple[Listing, ...]]] = MappingProxyType(
    {
        "analytes": lambda known: (analytes(known.analytes.values()),),
        "collected": lambda _: (collected(collectable().values()),),
        "definitions": lambda known: (severity_systems(known), definitions(known)),
        "drugs": lambda known: drugs(known, known.drugs),
        "severity": lambda known: (severity_systems(known),),
        "hna": lambda _: antigens(hna()),
        "assay_series": lambda _: (series(assay_series()),),
        "gcsf_arms": lambda _: (recovery.arms(gcsf_arms()),),
        "gcsf_pooled": lambda _: (recovery.pooled(gcsf_pooled()),),
        "recovery_series": lambda _: (recovery.series(recovery_series()),),
    }
)


def describe(name: str | None = None) -> tuple[Listing, ...]:
    """What the dictionary says of a table, analyte, definition, drug or antigen, or of a list.

    Without a name: the tables, and what else can be asked for. A severity system counts as
    a definition; a drug goes by its name or ATC code. Letters' case doesn't matter.

    Raises:
        UsageError: The dictionary has nothing of that name; names the nearest.
    """
    known = load()
    if name is None:
        return (tables(known), _lists())
    every = [
        *_LISTS, *known.tables, *known.analytes,
        *(entry.name for entry in known.definitions.severity_systems),
        *(entry.name for entry in known.definitions.definitions),
        *(entry.name for entry in hna().antigens),
    ]  # fmt: skip
    term = next((entry for entry in every if entry.casefold() == name.casefold()), None)
    if term is not None:
        return _described(known, term)
    drug = known.drug(name)
    if drug is not None:
        return drugs(known, [drug])
    names = [*(drug.name for drug in known.drugs), *(entry.name for entry in known.drug_names)]
    match = nearest_name(name, [*every, *names])
    hint = f" Did you mean {match!r}?" if match else ""
    raise UsageError(
        "The dictionary has no table, analyte, definition, drug, antigen or list "
        f"{brief(name)!r}.{hint} `incohort dictionary show` says what can be asked for."
    )


def _described(known: Dictionary, name: str) -> tuple[Listing, ...]:
    if name in _LISTS:
        return _LISTS[name](known)
    if name in known.tables:
        return table(known.tables[name])
    if name in known.analytes:
        return analyte(known.analytes[name])
    systems = {system.name: system for system in known.definitions.severity_systems}
    if name in systems:
        return (severity_system(systems[name]),)
    if name in {entry.name for entry in hna().antigens}:
        return antigen(hna(), hna().antigen(name))
    return definition(known.definition(name))


def _lists() -> Listing:
    rows = (
        ("analytes", "What a laboratory measures; then an analyte's name, such as ANC"),
        ("collected", "What a cohort may say it collected, so that an absent row means no"),
        ("definitions", "Clinical thresholds; then a definition's name, such as chronic"),
        ("severity", "The ways to grade a neutropenia"),
        ("drugs", "Drugs with their ATC codes; then a drug's name or code"),
        ("hna", "Neutrophil antigens and which assay sees them; then an antigen, such as HNA-3a"),
        ("assay_series", "What other series found with antineutrophil-antibody assays"),
        ("gcsf_arms", "Published comparisons of G-CSF with none, arm by arm"),
        ("gcsf_pooled", "What meta-analyses of G-CSF printed"),
        ("recovery_series", "What series found of onset, recovery and death"),
    )
    return Listing(title="Also in the dictionary", heads=("Ask for", "What it is"), rows=rows)
