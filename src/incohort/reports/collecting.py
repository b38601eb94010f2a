"""Imported last by the fork server: from here on garbage is looked for less often.

A report makes hundreds of thousands of small objects that all live until it ends; collecting as
often as Python does by default takes a sixth of its time and finds nothing.
"""

from __future__ import annotations

import gc

gc.set_threshold(50_000, 20, 100)
