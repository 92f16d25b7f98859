"""``python -m heartkit``: the same as the ``heartkit`` command."""

import sys

from heartkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
