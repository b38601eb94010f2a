"""What a report is a report of, and the folder's name that says so.

Two reports are one and the same where notebook, cohort, changed parameters and disclosure profile
are. A notebook or cohort of a user's own is told from another of that name by where it lies: by
the number that the file system gives the folder around it, so that neither a path nor a table's
content can be tried out on what is written down.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from incohort.params.parameter import Value, as_typed

_LONGEST_NAME = 40  # bytes of a notebook's or a cohort's name
_LONGEST = 140  # bytes of a folder's name, before `--failed`
_UNFIT = re.compile(r"[^\w.-]+")
_UNFIT_VALUE = re.compile(r"[^\w.+-]+")
BUNDLED = "bundled"
_NAMES = ("notebook", "notebook_place", "cohort", "cohort_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which report it is; places are numbers without meaning elsewhere.

    `changed` are the parameters that differ from their defaults, in the notebook's order;
    `disclosure` is the profile, and whether the run was internal.
    """

    notebook: str
    notebook_place: str
    cohort: str
    cohort_place: str
    changed: tuple[tuple[str, str], ...] = ()
    disclosure: tuple[str, ...] = ()

    def as_text(self, labels: tuple[str, str]) -> str:
        """What a report's crate keeps of it, with the names that stand in its folder's name."""
        kept = asdict(self) | {"labels": labels}
        return json.dumps(kept, ensure_ascii=True, sort_keys=True)

    def folders(self, labels: tuple[str, str]) -> tuple[str, str]:
        """The folder's name: as usual, and where a report of other disclosure has that already.

        Readable, below 150 bytes, and fit for every file system.
        """
        parts = [*labels]
        ending = ",".join(self.disclosure)
        if self.changed:
            parts.append(self._changes(_LONGEST - len("--".join([*labels, "", ending]).encode())))
        return "--".join(parts), "--".join([*parts, ending])

    def _changes(self, room: int) -> str:
        said = ",".join(f"{name}={_UNFIT_VALUE.sub('-', value)}" for name, value in self.changed)
        exact = ",".join(f"{name}={value}" for name, value in self.changed)
        # On some file systems two names that differ in upper and lower case alone are one.
        is_exact = said == exact == exact.lower() and "," not in "".join(v for _, v in self.changed)
        return said if is_exact and len(said.encode()) <= room else _cut(said, exact, room)


@dataclass(frozen=True, slots=True)
class Known:
    """A report that lies in a folder: its identity, and the names in its folder's name."""

    identity: Identity
    labels: tuple[str, str]


def from_text(text: str) -> Known | None:
    """What a crate kept, or None where it is nothing of ours."""
    try:
        kept = json.loads(text)
        first, second = kept.pop("labels")
        changed = tuple((str(name), str(value)) for name, value in kept.pop("changed"))
        disclosure = tuple(map(str, kept.pop("disclosure")))
        names = {name: str(kept[name]) for name in _NAMES}
        identity = Identity(**names, changed=changed, disclosure=disclosure)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return Known(identity, (str(first), str(second)))


def place_of(path: Path, bundled: Path) -> str:
    """Where a notebook or cohort lies, as a mark: the same as long as it isn't moved."""
    folder = path.parent
    if folder == bundled:
        return BUNDLED
    try:
        system = os.statvfs(folder).f_fsid if hasattr(os, "statvfs") else folder.stat().st_dev
        number = folder.stat().st_ino
    except OSError:  # it isn't a file
        system = number = 0
    ending = "" if path.is_dir() else path.suffix
    return hashlib.sha256(f"{system}:{number}:{ending}".encode()).hexdigest()[:16]


def labelled(
    identities: Iterable[Identity], known: Iterable[Known]
) -> dict[Identity, tuple[str, str]]:
    """The names of notebook and cohort in each report's folder's name.

    The first that comes by a name has it; another of that name gets a number behind it, and
    keeps it for all of its reports.
    """
    notebooks, cohorts = _Labels(), _Labels()
    for report in known:
        notebooks.keep(report.identity.notebook, report.identity.notebook_place, report.labels[0])
        cohorts.keep(report.identity.cohort, report.identity.cohort_place, report.labels[1])
    return {
        identity: (
            notebooks.of(identity.notebook, identity.notebook_place, "notebook"),
            cohorts.of(identity.cohort, identity.cohort_place, "cohort"),
        )
        for identity in identities
    }


class _Labels:
    """Names that stand in folders' names, each for one thing."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def keep(self, name: str, place: str, label: str) -> None:
        self._found.setdefault((name, place), label)
        self._taken.add(label.casefold())

    def of(self, name: str, place: str, otherwise: str) -> str:
        if (name, place) not in self._found:
            plain = plain_label(name, otherwise)
            numbers = range(2, len(self._taken) + 3)
            free = (n for n in (plain, *(f"{plain}-{i}" for i in numbers)) if not self._is(n))
            self.keep(name, place, next(free))
        return self._found[name, place]

    def _is(self, label: str) -> bool:
        return label.casefold() in self._taken


def plain_label(name: str, otherwise: str) -> str:
    """A name as part of a folder's name; `otherwise` where nothing of it can stay."""
    whole = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    label = _UNFIT.sub("-", whole).strip(".-") or otherwise
    return label if len(label.encode()) <= _LONGEST_NAME else _cut(label, name, _LONGEST_NAME)


def changed_values(
    values: Mapping[str, Value], defaults: Mapping[str, Value]
) -> tuple[tuple[str, str], ...]:
    """The parameters that differ from their defaults, as typed; the cohort is none of them."""
    return tuple(
        (name, as_typed(value))
        for name, value in values.items()
        if name != "cohort"
        and (name not in defaults or as_typed(value) != as_typed(defaults[name]))
    )


def _cut(text: str, exact: str, room: int) -> str:
    """As much of a text as there is room for, and a mark of the whole of it."""
    mark = "~" + hashlib.sha256(exact.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    kept = text.encode()[: max(room - len(mark), 0)].decode("utf-8", "ignore")
    return kept.rstrip(".-=,") + mark
