"""Human neutrophil antigens: what carries each, how common it is, and which assay can see it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from incohort.dictionary.files import bundled
from incohort.dictionary.models import Certainty, Statement, _Entry
from incohort.dictionary.nearest import unknown_name
from incohort.dictionary.parse import DictionaryError, parse_file

Sees = Literal["yes", "unreliably", "no"]


class Antigen(_Entry):
    """One antigen; `old_name` is the name before the HNA system.

    `caucasian_frequency` is the share of Caucasians who have it, None where none was found.
    """

    name: str
    old_name: str = ""
    caucasian_frequency: Annotated[float, Field(ge=0, le=1)] | None = None
    note: str = ""


class AntigenSystem(_Entry):
    """The antigens of one gene.

    `cluster` is the CD number of the glycoprotein or another short name; `alleles` and `variant`
    are as the source prints them, empty where it prints none.
    """

    name: str
    gene: str = ""
    glycoprotein: str
    cluster: str = ""
    alleles: str = ""
    variant: str = ""
    antigens: tuple[Antigen, ...]
    source: str
    certainty: Certainty
    note: str = ""


class Sight(_Entry):
    """Whether an assay can see antibodies against an antigen, as a source states it.

    An assay and antigen that no entry names are not stated: nothing may be concluded from that.
    """

    assay: str
    antigens: tuple[str, ...]
    sees: Sees
    text: str
    source: str
    certainty: Certainty


class Confounder(_Entry):
    """What makes an assay positive without an antibody against neutrophils.

    `assays` is empty where the source does not say which assay it met.
    """

    name: str
    label: str
    assays: tuple[str, ...]
    text: str
    source: str
    certainty: Certainty


class NeutrophilAntigens(_Entry):
    """Everything in `hna.yaml`."""

    frequency_source: str
    frequency_certainty: Certainty
    systems: tuple[AntigenSystem, ...]
    sights: tuple[Sight, ...]
    confounders: tuple[Confounder, ...]
    statements: tuple[Statement, ...]

    @property
    def antigens(self) -> tuple[Antigen, ...]:
        """All antigens, system by system."""
        return tuple(antigen for system in self.systems for antigen in system.antigens)

    def antigen(self, name: str) -> Antigen:
        """The antigen of that name, old or new, or a refusal with the nearest one."""
        by_name = {antigen.old_name: antigen for antigen in self.antigens if antigen.old_name}
        by_name |= {antigen.name: antigen for antigen in self.antigens}
        folded = {known.casefold(): antigen for known, antigen in by_name.items()}
        if name.casefold() not in folded:
            raise unknown_name("neutrophil antigen", name, by_name)
        return folded[name.casefold()]

    def sight(self, assay: str, antigen: str) -> Sight | None:
        """What is stated of an assay and an antigen; None where nothing is."""
        name = self.antigen(antigen).name
        for entry in self.sights:
            if entry.assay == assay and name in entry.antigens:
                return entry
        return None

    def confounders_of(self, assay: str) -> tuple[Confounder, ...]:
        """What is stated to make this assay falsely positive."""
        return tuple(entry for entry in self.confounders if assay in entry.assays)


@cache
def hna() -> NeutrophilAntigens:
    """The neutrophil antigens of this installation.

    Raises:
        DictionaryError: The file is not as its model says.
    """
    return hna_from(bundled("data_dictionary"))


def hna_from(root: Path) -> NeutrophilAntigens:
    """The neutrophil antigens in a folder that has `hna.yaml`.

    Raises:
        DictionaryError: The file is not as its model says, names an antigen twice, or one that is
            not in it.
    """
    hna = parse_file(root / "hna.yaml", NeutrophilAntigens)
    names = Counter(antigen.name for antigen in hna.antigens)
    names.update(antigen.old_name for antigen in hna.antigens if antigen.old_name)
    pairs = Counter((entry.assay, name) for entry in hna.sights for name in entry.antigens)
    twins = [name for name, count in names.items() if count > 1]
    twins += [f"{name} by {assay}" for (assay, name), count in pairs.items() if count > 1]
    strange = sorted({name for _, name in pairs} - {antigen.name for antigen in hna.antigens})
    if twins or strange:
        msg = f"hna.yaml: twice or unknown: {', '.join([*twins, *strange])}."
        raise DictionaryError(msg)
    return hna
