"""`python -m lading`, the same as the console script."""

import sys

from lading.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
