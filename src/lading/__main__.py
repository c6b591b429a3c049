"""`python -m lading`, the same as the console script."""

from lading.cli.main import program

if __name__ == "__main__":
    program()
