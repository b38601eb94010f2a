"""What one report has told of which sets of patients: the ledger of a run as it can be kept.

It holds the rows' patients, by name in the kernel and by keyed digests afterwards, the columns that
part them, and of each result whose it is and how much of it was shown. No value of anybody is in
it, and no exact statistic. It is for the custodian's side alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from incohort.disclosure.ledger import Ledger
from incohort.disclosure.persons import parts
from incohort.disclosure.profiles import PROFILES, Profile
from incohort.disclosure.secrets import Shown
from incohort.results import Curve, Result
from incohort.results.groups import Axis, Census, GroupName, Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One report's sets.

    `counted` are the keys of counts and shares, whose sizes are printed; all other results rest on
    their sets.
    """

    profile: Profile
    censuses: Mapping[str, Census]
    whose: Mapping[str, Whose]
    shown: Mapping[str, Shown]
    counted: frozenset[str]

    def renamed(self, name: Callable[[str], str]) -> Account:
        """The same with another name for each patient."""
        censuses = {
            unit: replace(census, names=tuple(map(name, census.names)))
            for unit, census in self.censuses.items()
        }
        return replace(self, censuses=censuses)

    def as_json(self) -> dict[str, Any]:
        """Plain values, the rows' numbers as text."""
        return {
            "profile": self.profile.name,
            "units": {unit: _census_to_json(census) for unit, census in self.censuses.items()},
            "results": [
                {
                    "key": key, "unit": whose.unit, "of": _group_to_json(whose.of),
                    "events": None if whose.events is None else _group_to_json(whose.events),
                    "rests_on": [_group_to_json(group) for group in whose.rests_on],
                    "quantity": whose.quantity, "shown": int(self.shown.get(key, 0)),
                    "is_counted": key in self.counted,
                }
                for key, whose in self.whose.items()
            ],
        }  # fmt: skip


def account_of(ledger: Ledger, profile: Profile, drawn: Collection[str] = ()) -> Account:
    """What a ledger has shown so far.

    Args:
        ledger: Of one run.
        profile: Under which it was shown.
        drawn: The keys of what was withheld as it is, and shown as its groups allow.
    """
    shown = dict(ledger.shown) | dict.fromkeys(drawn, Shown.ALL)
    whose = {key: scope for key, scope in ledger.whose.items() if key in ledger.results}
    used = {unit: _used(unit, whose) for unit in {scope.unit for scope in whose.values()}}
    return Account(
        profile=profile,
        censuses={unit: _cut_down(ledger.censuses[unit], names) for unit, names in used.items()},
        whose=whose,
        shown={key: shown.get(key, Shown.NOTHING) for key in whose},
        counted=frozenset(key for key in whose if _is_counted(ledger.results[key])),
    )


def account_from_json(data: Mapping[str, Any]) -> Account:
    """The account again.

    Raises:
        KeyError: It is none.
        ValueError: Likewise.
        TypeError: Likewise.
    """
    whose = {
        item["key"]: Whose(
            key=item["key"],
            unit=item["unit"],
            of=_group_from_json(item["of"]),
            events=None if item["events"] is None else _group_from_json(item["events"]),
            rests_on=tuple(map(_group_from_json, item["rests_on"])),
            quantity=item["quantity"],
        )
        for item in data["results"]
    }
    return Account(
        profile=PROFILES[data["profile"]],
        censuses={unit: _census_from_json(unit, census) for unit, census in data["units"].items()},
        whose=whose,
        shown={item["key"]: Shown(item["shown"]) for item in data["results"]},
        counted=frozenset(item["key"] for item in data["results"] if item["is_counted"]),
    )


def _is_counted(result: Result) -> bool:
    return bool(parts(result)) and not isinstance(result, Curve)


def _used(unit: str, whose: Mapping[str, Whose]) -> set[str]:
    """The columns that cut a set of a unit."""
    return {
        name
        for scope in whose.values()
        if scope.unit == unit
        for group in scope.groups
        for box in group.boxes
        for name in box.by_axis
    }


def _cut_down(census: Census, used: set[str]) -> Census:
    """The rows with the columns that are used, and those that decide who is asked of them."""
    needed = list(used)
    for name in needed:
        within = census.axes[name].within
        boxes = () if within is None else within.boxes
        needed += [more for box in boxes for more in box.by_axis if more not in needed]
    return replace(census, axes={n: axis for n, axis in census.axes.items() if n in set(needed)})


def _census_to_json(census: Census) -> dict[str, Any]:
    return {
        "patients": list(census.names),
        "persons": _packed(census.persons.astype("<i4")),
        "axes": [
            {
                "name": axis.name, "categories": list(axis.categories),
                "codes": _packed(axis.codes.astype("<i2")),
                "within": None if axis.within is None else _group_to_json(axis.within),
            }
            for axis in census.axes.values()
        ],
    }  # fmt: skip


def _census_from_json(unit: str, data: Mapping[str, Any]) -> Census:
    axes = {
        item["name"]: Axis(
            item["name"],
            tuple(item["categories"]),
            _unpacked(item["codes"], "<i2").astype(np.int16),
            None if item["within"] is None else _group_from_json(item["within"]),
        )
        for item in data["axes"]
    }
    persons = _unpacked(data["persons"], "<i4").astype(np.int64)
    return Census(unit, persons, axes, tuple(data["patients"]))


def _packed(numbers: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str, kind: str) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind)


def _group_to_json(group: GroupName) -> list[list[list[Any]]]:
    return [[[axis, sorted(words)] for axis, words in box.by_axis.items()] for box in group.boxes]


def _group_from_json(boxes: list[list[list[Any]]]) -> GroupName:
    first, *others = [
        GroupName(frozenset((axis, frozenset(words)) for axis, words in box)) for box in boxes
    ]
    return GroupName(first.cuts, frozenset(others))
