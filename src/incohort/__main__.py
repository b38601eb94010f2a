"""`python -m incohort` is `incohort`: it can be stopped from the first moment on."""

import _signal  # type: ignore[import-not-found]  # under `signal`, which takes longer to import
import os


def main() -> None:
    """Run the command that was typed and answer the shell."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _end)
    from incohort.stopping import listen  # noqa: PLC0415 — a Ctrl-C may come meanwhile

    listen()
    from incohort.cli import main as command  # noqa: PLC0415 — likewise

    command()


def _end(number: int, frame: object) -> None:
    """Nothing was begun yet that has to be ended."""
    del number, frame
    os.write(2, b"incohort: Stopped.\n")
    os._exit(130)


if __name__ == "__main__":
    main()
