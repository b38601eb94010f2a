"""The names that drugs go by, and how a name that was typed is read as one of them.

A name is compared without its case, accents, spaces and signs, and without a dose, a way of giving
or a salt behind it: `G-CSF 300 µg s.c.` is read as `gcsf`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from incohort.dictionary.models import Drug, _Entry
from incohort.dictionary.parse import DictionaryError

ACCENTED = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿµμ×"
PLAIN = "AAAAAACEEEEIIIINOOOOOUUUUYaaaaaaceeeeiiiinooooouuuuyyuux"
# From here on a name is in small letters. What stands behind the name is taken off in this order.
DOSE = (
    "[ ,;(]*([0-9]+([.,][0-9]+)? *[x/+-] *)*[0-9]+([.,][0-9]+)? *"
    "(micrograms?|mcg|ug|mg|g|ie|iu|mu|me|mio|mill|million|units?|ml)([^a-z].*)?$"
)
NUMBER = "[ ,;(]+[0-9]+([.,/x-][0-9]+)*[ )]*$"  # a strength without its unit: Granocyte 34
FORM = (
    "[ ,;(]+(forte|retard|depot|tropfen|tabletten?|tablets?|tbl|amp(oules?|ullen)?|inj(ection)?|"
    "gtt|supp?|iv|sc|po)[ .)]*$"
)
WAY = "[ ,;(]+(s[.]?c[.]?|i[.]?v[.]?|p[.]?o[.]?|i[.]?m[.]?|oral(ly)?)[ )]*$"
SALT = "[ -]+(sodium|natrium|potassium|hydrochloride|hcl|sulfate|sulphate|besilate|mesilate)$"
# Twice, for what stands behind the other: `filgrastim i.v. 300`, `Novalgin Tropfen 20 gtt`.
ENDINGS = (DOSE, NUMBER, FORM, WAY, NUMBER, FORM, WAY, SALT)
IN_BRACKETS = "[(][^)]*[)]?"
NO_LETTER = "[^a-z0-9]+"


class DrugName(_Entry):
    """One row of `drug_names.csv`: a name, the ATC code of what it names, and who calls it so."""

    name: str
    atc: str
    kind: Literal["synonym", "brand", "abbreviation", "inn"]
    source: str


def name_key(name: str) -> str:
    """A drug's name as it is compared.

    >>> name_key("G-CSF 300 µg/d"), name_key("Métamizole sodium"), name_key("TMP/SMX")
    ('gcsf', 'metamizole', 'tmpsmx')
    """
    text = name.translate(str.maketrans(ACCENTED, PLAIN)).lower()
    for ending in ENDINGS:
        text = re.sub(ending, "", text)
    return re.sub(NO_LETTER, "", text)


def name_keys(name: str) -> tuple[str, ...]:
    """The keys that a name may be known by: whole, without what is in brackets, and that alone.

    >>> name_keys("G-CSF (filgrastim)")
    ('gcsffilgrastim', 'gcsf', 'filgrastim')
    """
    inside = re.search(IN_BRACKETS, name)
    parts = (name, re.sub(IN_BRACKETS, " ", name), inside.group() if inside else "")
    return tuple(dict.fromkeys(filter(None, map(name_key, parts))))


def has_dose(name: str) -> bool:
    """Whether a dose stands behind a name.

    >>> has_dose("filgrastim 48 Mio. E."), has_dose("6-mercaptopurine")
    (True, False)
    """
    plain = name.translate(str.maketrans(ACCENTED, PLAIN)).lower()
    return re.search(DOSE, plain) is not None


def codes_by_key(drugs: Iterable[Drug], names: Iterable[DrugName]) -> Mapping[str, str]:
    """The ATC code behind each key.

    Raises:
        DictionaryError: Two names that are read alike name two drugs.
    """
    named = [(drug.name, drug.atc) for drug in drugs] + [(name.name, name.atc) for name in names]
    codes: dict[str, str] = {}
    for name, atc in named:
        if codes.setdefault(name_key(name), atc) != atc:
            msg = f"drug_names.csv: {name!r} is read as {codes[name_key(name)]} and as {atc}."
            raise DictionaryError(msg)
    return MappingProxyType(codes)
