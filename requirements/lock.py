# ruff: noqa: INP001 — a program, not a package
"""Resolve the three locks from pyproject.toml, so that a version stands the same in all of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
EXTRAS = {
    "all": ["dev", "bench", "spark", "postgres", "redcap"],
    "dev": ["dev", "bench"],
    "core": [],
}


def resolve(name: str, extras: list[str], constraint: Path | None) -> Path:
    """Write `<name>.lock` and return it; `constraint` keeps its versions those of a wider lock."""
    lock = HERE / f"{name}.lock"
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(lock)]
    command += [word for extra in extras for word in ("--extra", extra)]
    command += ["--constraint", str(constraint)] if constraint else []
    subprocess.run([*command, "pyproject.toml", "requirements/build.in"], cwd=ROOT, check=True)
    return lock


def main() -> None:
    """Resolve the widest lock first; the narrower ones follow it."""
    widest: Path | None = None
    for name, extras in EXTRAS.items():
        lock = resolve(name, extras, widest)
        widest = widest or lock


if __name__ == "__main__":
    main()
