"""How much is read of a cohort: what would never end, or fill the machine, is refused instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import duckdb
import ibis

MEMORY = "900MB"  # of the database; what needs more goes to its scratch folder
SCRATCH = "4GB"  # of that folder
MOST_ROWS = 20_000_000  # of one table
_SECONDS, _ROWS_A_SECOND = 10.0, 200_000


class TooMuchError(Exception):
    """A table has more rows than are read, or did not come to an end; says which."""


def refuse_too_many(n_rows: int) -> None:
    """Refuse a table of more rows than are read.

    Raises:
        TooMuchError: It has too many.
    """
    if n_rows > MOST_ROWS:
        msg = f"it has {n_rows:,} rows; one table may have {MOST_ROWS:,}"
        raise TooMuchError(msg)


@contextmanager
def in_time(connection: ibis.BaseBackend, n_rows: int | None) -> Iterator[None]:
    """Let a table be read, for as long as one of so many rows may take on a slow machine.

    Args:
        connection: The cohort's.
        n_rows: How many rows it is known to have; None where that can't be known beforehand.

    Raises:
        TooMuchError: It has too many rows, or took longer.
    """
    refuse_too_many(n_rows or 0)
    seconds = _SECONDS + (n_rows or 0) / _ROWS_A_SECOND
    timer = Timer(seconds, connection.con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        msg = f"it had not come to an end after {seconds:.0f} seconds"
        raise TooMuchError(msg) from None
    finally:
        timer.cancel()
