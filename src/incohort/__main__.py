"""`python -m incohort` is `incohort`."""

from incohort.cli import main

if __name__ == "__main__":
    main()
