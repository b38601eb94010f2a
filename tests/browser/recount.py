"""Numbers that can be counted by hand, from the raw CSV files alone: most of 01 to 04.

Nothing of incohort is imported: plain loops over rows and textbook formulas (`recounting/` beside
this file), so that a mistake in the package can't repeat itself here. Default parameters are
assumed. Intervals are not recounted, nor what has no closed form (Firth's model).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path


def _package(name: str) -> None:
    """Make the folder of that name beside this file importable."""
    place = Path(__file__).with_name(name)
    spec = importlib.util.spec_from_file_location(
        name, place / "__init__.py", submodule_search_locations=[str(place)]
    )
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


_package("recounting")
raw, thyroid, overview, assays, recovery, evidence, lecture = (
    importlib.import_module(f"recounting.{name}")
    for name in ("raw", "thyroid", "overview", "assays", "recovery", "evidence", "lecture")
)


# Rebuilt without columns that notebooks 01 to 05 read, and not asked by them.
BARE = {"ici_cases", "ici_review2020", "brito_zeron2009", "fragoulis2018"}


def recount(folder: Path) -> dict[str, float]:
    """Values under the keys of their estimates."""
    cohort = raw.Cohort(folder)
    if folder.name in BARE:
        shares = {key: events / n for key, (events, n) in lecture.counts(cohort).items() if n}
        return shares | lecture.numbers(cohort)
    shares = {key: events / n for key, (events, n) in recount_counts(folder).items() if n}
    found = shares | thyroid.numbers(cohort) | overview.numbers(cohort) | assays.numbers(cohort)
    return found | recovery.numbers(cohort) | evidence.numbers() | lecture.numbers(cohort)


def recount_counts(folder: Path) -> dict[str, tuple[int, int]]:
    """Events and denominators under the keys of proportions."""
    cohort = raw.Cohort(folder)
    return (
        thyroid.counts(cohort)
        | overview.counts(cohort)
        | assays.counts(cohort)
        | lecture.counts(cohort)
    )
