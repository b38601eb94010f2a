"""What a run tells its kernel: which cohort, where it lies, and what may be shown.

It goes through the environment, so that a notebook's parameters hold the cohort's name alone and
no path of this machine gets into a report.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = "INCOHORT_COHORT_NAME"
_PATH = "INCOHORT_COHORT_PATH"
_PROFILE = "INCOHORT_PROFILE"
_INTERNAL = "INCOHORT_INTERNAL"
_PUBLIC = "INCOHORT_PUBLIC"
_WITHHELD = "INCOHORT_WITHHELD"

DEFAULT_PROFILE = "opensafely"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A cohort's name and place, the disclosure profile asked for, and whether it is lifted.

    `is_public` says that rows of the cohort may be shown. `profile` empty means: none for a public
    cohort, `DEFAULT_PROFILE` for a restricted one. `withheld` are keys of which nothing is shown
    for the sake of earlier releases.
    """

    name: str = ""
    path: str = ""
    profile: str = ""
    is_internal: bool = False
    is_public: bool = False
    withheld: frozenset[str] = frozenset()

    def environment(self) -> dict[str, str]:
        """The environment variables that say this."""
        return {
            _NAME: self.name,
            _PATH: self.path,
            _PROFILE: self.profile,
            _INTERNAL: "1" if self.is_internal else "",
            _PUBLIC: "1" if self.is_public else "",
            _WITHHELD: json.dumps(sorted(self.withheld)),
        }

    def requested_profile(self, *, is_public: bool) -> str:
        """The profile's name for results of a cohort that is public, or restricted."""
        if self.profile:
            return self.profile
        return "none" if is_public or self.is_internal else DEFAULT_PROFILE


def from_environment(environment: Mapping[str, str] = os.environ) -> Handover:
    """What the runner, if there is one, has told this process."""
    return Handover(
        name=environment.get(_NAME, ""),
        path=environment.get(_PATH, ""),
        profile=environment.get(_PROFILE, ""),
        is_internal=environment.get(_INTERNAL) == "1",
        is_public=environment.get(_PUBLIC) == "1",
        withheld=frozenset(json.loads(environment.get(_WITHHELD) or "[]")),
    )
