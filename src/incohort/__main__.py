"""`python -m incohort` is `incohort`: it can be stopped from the first moment on."""

from incohort.stopping import listen


def main() -> None:
    """Run the command that was typed and answer the shell."""
    listen()
    from incohort.cli import main as command  # noqa: PLC0415 — a Ctrl-C may come meanwhile

    command()


if __name__ == "__main__":
    main()
