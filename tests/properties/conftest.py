"""The attacker that the tests of disclosure have in common."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location(
    "attacking", Path(__file__).with_name("attacking.py")
)
attacking = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("attacking", attacking)
_SPEC.loader.exec_module(attacking)
