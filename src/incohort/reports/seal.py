"""The mark by which the runner knows what a kernel's gate has let pass.

Anybody can display a bundle that looks like ours, or say of findings which profile they passed. So
each run draws a key, which its kernel takes from the environment before the first cell is run; the
display of findings, behind the gate, marks each bundle with it, all its parts together, and the
runner takes nothing for findings that does not fit its mark. The mark itself goes no further.

It holds against slips and against what a notebook says of itself. A notebook that looks for the
key within its own process can find it: who may write notebooks on restricted rows is the
custodian's to decide.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

MARK = "application/vnd.incohort.seal"
_NAME = "INCOHORT_SEAL"


@dataclass(frozen=True, slots=True)
class Seal:
    """One run's key, and what it makes of a bundle."""

    _key: bytes = field(repr=False)

    def environment(self) -> dict[str, str]:
        """The environment variable that hands the key to a kernel."""
        return {_NAME: self._key.hex()}

    def marked(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The bundle with its mark."""
        return {**data, MARK: self._mark(data)}

    def opened(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """The bundle without its mark, or None where it has none that fits."""
        plain = {kind: value for kind, value in data.items() if kind != MARK}
        mark = data.get(MARK)
        is_ours = isinstance(mark, str) and hmac.compare_digest(mark, self._mark(plain))
        return plain if is_ours else None

    def _mark(self, data: Mapping[str, Any]) -> str:
        text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def new_seal() -> Seal:
    """A seal with a key of its own."""
    return Seal(secrets.token_bytes(32))


def take_seal(environment: MutableMapping[str, str] = os.environ) -> Seal | None:
    """The seal that the runner, if there is one, has handed over; it is gone from there then."""
    key = environment.pop(_NAME, "")
    return Seal(bytes.fromhex(key)) if key else None
