"""What tests of rebuilt cohorts share is a module of its own that they import by name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("rebuilt", Path(__file__).with_name("rebuilt.py"))
sys.modules["rebuilt"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["rebuilt"])
