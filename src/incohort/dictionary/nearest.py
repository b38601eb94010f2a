"""The name that was meant by a word that nobody knows: every refusal of a name offers one.

Who follows the offer must not end up with something else than was meant. So only slips of the
hand count, and words that mean the same: *lowest* is the nadir, and not a slip for *latest*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from incohort.errors import UsageError, folded, redacted

_MOST = 60  # names listed
_APART = re.compile(r"[\s_\-./]+")
_AFTER_DIGITS = re.compile(r"\d([a-z]*)")  # HNA-3b is no slip for HNA-3a
_SHORT, _USUAL, _LONG = 4, 8, 13  # letters
# Two names of which one has the one and the other the other are never slips of each other.
_OPPOSITES = (
    ("hypo", "hyper"), ("early", "late"), ("low", "high"), ("min", "max"), ("first", "last"),
    ("start", "stop"), ("before", "after"), ("pre", "post"), ("positive", "negative"),
    ("inpatient", "outpatient"), ("male", "female"), ("igg", "igm"), ("iga", "igm"),
    ("with", "without"), ("left", "right"), ("intra", "inter"), ("mono", "poly"),
)  # fmt: skip
_NEGATIONS = ("a", "anti", "dis", "im", "in", "no", "non", "not", "un", "without")
# Words for what has another name here; the only one of these that can be chosen is meant.
_MEANT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("lowest", "minimum", "min", "nadirs", "trough"), ("nadir",))
    | dict.fromkeys(("newest", "most recent", "last"), ("latest",))
    | dict.fromkeys(("f", "w", "woman", "women", "weiblich", "girl"), ("female",))
    | dict.fromkeys(("m", "man", "men", "männlich", "boy"), ("male",))
    | dict.fromkeys(("pos", "+", "reactive"), ("positive",))
    | dict.fromkeys(("neg", "nonreactive"), ("negative",))
    | dict.fromkeys(("borderline", "equivocal", "grey zone", "gray zone"), ("indeterminate",))
    | dict.fromkeys(("died", "deceased", "exitus"), ("death",))
    | dict.fromkeys(("leukocytes", "leucocytes", "white cells"), ("WBC",))
    | dict.fromkeys(("platelets", "thrombocytes"), ("PLT",))
    | dict.fromkeys(("haemoglobin", "hemoglobin", "hgb"), ("HB",))
    | dict.fromkeys(("neutrophil count", "absolute neutrophil count"), ("ANC",))
    | dict.fromkeys(("gender",), ("sex",))
    | dict.fromkeys(("dob", "date of birth", "birthdate", "born"), ("birth_date",))
    | dict.fromkeys(("age",), ("age_years",))
    | dict.fromkeys(("id", "pid", "patient", "patient no", "subject id"), ("patient_id",))
    | dict.fromkeys(
        ("date", "day", "sample date", "date of sample"),
        ("taken_at", "taken_on", "occurred_on", "diagnosed_on", "index_date"),
    )
    | dict.fromkeys(("test", "parameter", "lab test"), ("analyte",))
    | dict.fromkeys(("units",), ("unit",))
    | dict.fromkeys(("center", "site", "hospital"), ("centre",))
    | dict.fromkeys(("cause", "etiology"), ("aetiology",))
    | dict.fromkeys(("start", "start date", "from"), ("started_on",))
    | dict.fromkeys(("stop", "end", "stop date", "end date"), ("stopped_on",))
)

OTHER_WORDS = tuple(_MEANT)  # which have another name here


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` is a slip of the hand for, or another word for; None where none is.

    >>> nearest("conf_levl", ["anc_threshold", "conf_level"])
    'conf_level'
    >>> nearest("lowest", ["latest", "nadir"]), nearest("AMC", ["ANC"])
    ('nadir', None)
    """
    known = sorted(candidates)
    if len(word) > 2 * max(map(len, known), default=0):
        return None
    key = squashed(word)
    for alike in (squashed, _undoubled):
        same = [name for name in known if alike(name) == alike(word)]
        if key and same:
            return same[0]
    meant = [name for name in _MEANT.get(" ".join(_words(word)), ()) if name in known]
    if meant:
        return meant[0] if len(meant) == 1 else None
    slips = sorted((n, name) for name in known if (n := _slips(word, name)) is not None)
    if not slips or (len(slips) > 1 and slips[0][0] == slips[1][0]):
        return None  # none, or two that are as near: either might be wrong
    return slips[0][1]


def nearest_name(word: str, names: Iterable[str]) -> str | None:
    """As `nearest`; and the only one of our own names that begins with, or holds, what was typed.

    >>> nearest_name("kyritsi", ["jinca2021", "kyritsi2015"])
    'kyritsi2015'
    """
    known = sorted(names)
    match = nearest(word, known)
    key = squashed(word)
    if match is not None or len(key) < _SHORT:
        return match
    typed = f" {' '.join(_words(word))} "
    holding = [
        name
        for name in known
        if squashed(name).startswith(key) or typed in f" {' '.join(_words(name))} "
    ]
    return holding[0] if len(holding) == 1 else None


def squashed(word: str) -> str:
    """A word without what people vary: case, and what stands between its parts."""
    return _APART.sub("", word.casefold())


def _undoubled(word: str) -> str:
    return re.sub(r"([a-z])\1+", r"\1", squashed(word))


def brief(text: str, longest: int = 120) -> str:
    """A word that somebody typed, as much of it as a message can bear."""
    text = redacted(text)
    return text if len(text) <= longest else f"{text[:longest]}…"


def unknown_name(kind: str, word: str, candidates: Iterable[str]) -> UsageError:
    """The refusal of a name: the nearest match first, then all there are."""
    known = sorted(candidates)
    match = nearest_name(word, known)
    hint = f" Did you mean {match!r}?" if match else ""
    listing = folded(known, _MOST) if known else "none"
    return UsageError(f"There is no {kind} {brief(word)!r}.{hint} Known: {listing}.")


def _words(word: str) -> list[str]:
    return _APART.sub(" ", word.casefold()).split()


def _slips(word: str, name: str) -> int | None:
    """How many slips make `word` of `name`; None where they are too many, or mean another thing."""
    typed, right = squashed(word), squashed(name)
    longest = max(len(typed), len(right))
    most = 1 if longest <= _USUAL else 2 if longest <= _LONG else 3
    is_code = len(right) <= _SHORT and (name.isupper() or not name.isalpha())
    if is_code or abs(len(typed) - len(right)) > most:
        return None
    is_swapped = sorted(typed) == sorted(right)
    if longest < _SHORT and not is_swapped:
        return None
    if longest == _SHORT and not is_swapped and typed[:2] != right[:2]:
        return None
    if sorted(filter(str.isdigit, typed)) != sorted(filter(str.isdigit, right)):
        return None
    if _AFTER_DIGITS.findall(typed) != _AFTER_DIGITS.findall(right):
        return None
    if any(_are_opposite(typed, right, *pair) for pair in _OPPOSITES):
        return None
    if any(typed == n + right or right == n + typed for n in _NEGATIONS):
        return None
    n = _distance(typed, right)
    return n if n <= most else None


def _are_opposite(first: str, second: str, this: str, that: str) -> bool:
    return (_has(first, this, that) and _has(second, that, this)) or (
        _has(first, that, this) and _has(second, this, that)
    )


def _has(text: str, part: str, longer: str) -> bool:
    """Whether a text has a part that is not merely a part of its opposite: male in female."""
    return part in text.replace(longer, "") if part in longer else part in text


def _distance(first: str, second: str) -> int:
    """How many letters are wrong, missing, added or swapped with the next (optimal alignment)."""
    before: list[int] = []
    above = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        row = [i]
        for j, right in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != right))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
