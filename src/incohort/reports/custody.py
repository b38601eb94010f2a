"""The folder beside a cohort in which its custodian's side keeps what no report may hold.

`clinic.releases` beside `clinic`: a random key, the evidence of each restricted run, and what was
released. Patients are in it by digests with that key alone. Nobody but its owner can read it.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.evidence import Evidence, evidence_from_json
from incohort.reports.manifest import CRATE

ENDING = ".releases"
_KEY, _EVIDENCE = "key", "runs"
_KEY_BYTES, _DIGEST_BYTES = 32, 8
_LARGEST = 512 * 2**20  # bytes of one file, unpacked
_writing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Custody:
    """The folder of a ledger; it need not be there yet."""

    folder: Path

    @classmethod
    def beside(cls, cohort: Path) -> Custody:
        """That of a cohort's folder or file."""
        return cls(cohort.with_name(cohort.name + ENDING))

    @property
    def is_there(self) -> bool:
        """Whether a restricted run has begun it."""
        return (self.folder / _KEY).is_file()

    def keep(self, report: Path, evidence: Evidence) -> None:
        """Keep the evidence of a report that lies complete in a folder.

        Raises:
            OSError: It can't be written.
        """
        key = self._key()
        digested = Evidence(
            lines=evidence.lines,
            account=evidence.account.renamed(lambda name: _digest(key, "patient", name)),
        )
        self.write(
            Path(_EVIDENCE) / f"{_mark_of(key, report.iterdir())}.json.gz", digested.as_json()
        )

    def evidence_of(self, report: Path, files: Iterable[str]) -> Evidence | None:
        """What was kept of a report of these files; None of another, or of a changed one.

        Raises:
            OSError: It can't be read.
        """
        data = self.read(Path(_EVIDENCE) / f"{self.mark_of(report, files)}.json.gz")
        try:
            return None if data is None else evidence_from_json(data)
        except (KeyError, TypeError, ValueError):
            return None

    def mark_of(self, report: Path, files: Iterable[str]) -> str:
        """What tells a report's files, with the key alone, from any others; no clock is in it."""
        return _mark_of(self._key(), (report / name for name in files))

    def write(self, name: Path, data: Mapping[str, Any]) -> None:
        """Write a record for its owner alone, whole or not at all.

        Raises:
            OSError: It can't be written.
        """
        text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        _write_private(self.private(name.parent) / name.name, gzip.compress(text.encode(), mtime=0))

    def write_text(self, name: Path, text: str) -> None:
        """Write a file for its owner alone, whole or not at all.

        Raises:
            OSError: It can't be written.
        """
        _write_private(self.private(name.parent) / name.name, text.encode("utf-8", "replace"))

    def read(self, name: Path) -> dict[str, Any] | None:
        """A record; None where there is none, or it is damaged.

        Raises:
            OSError: It can't be read.
        """
        try:
            with gzip.open(self.folder / name) as file:
                data = json.loads(file.read(_LARGEST))
        except (FileNotFoundError, gzip.BadGzipFile, EOFError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    def private(self, name: Path = Path()) -> Path:
        """A folder in it for its owner alone.

        Raises:
            OSError: It can't be written.
        """
        for part in (Path(), *reversed(name.parents[:-1]), name):
            (self.folder / part).mkdir(mode=0o700, exist_ok=True)
        return self.folder / name

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, no other process releases by this ledger.

        Raises:
            OSError: It can't be written.
        """
        place = os.open(self.private() / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(place, "w") as lock:
            with suppress(ImportError):  # absent on Windows, where nothing is locked
                import fcntl  # noqa: PLC0415 — see above

                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _key(self) -> bytes:
        with _writing:
            place = self.private() / _KEY
            if not place.exists():
                _write_private(place, secrets.token_bytes(_KEY_BYTES), is_new=True)
            key = place.read_bytes()
        if len(key) != _KEY_BYTES:
            raise OSError(0, "the key of the ledger is damaged")
        return key


def _mark_of(key: bytes, paths: Iterable[Path]) -> str:
    files = sorted(path for path in paths if path.is_file() and path.name != CRATE)
    hashes = (f"{p.name}:{hashlib.sha256(p.read_bytes()).hexdigest()}" for p in files)
    return hmac.new(key, "\n".join(("report", *hashes)).encode(), "sha256").hexdigest()[:32]


def _digest(key: bytes, kind: str, name: str) -> str:
    message = f"{kind}:{name}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, "sha256").digest()[:_DIGEST_BYTES].hex()


def _write_private(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """A file for its owner alone, renamed into place; one that is to be new replaces none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        if not is_new:
            part.replace(path)
            return
        with suppress(FileExistsError):  # another run was first
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
