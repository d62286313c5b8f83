"""``python -m prm_harness.cli``: the command where no script is on the path."""

from . import main

if __name__ == "__main__":
    main()
