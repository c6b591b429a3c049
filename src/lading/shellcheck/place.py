"""Where ShellCheck is on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

NAME = "shellcheck"


def find(environ: Mapping[str, str]) -> str | None:
    """Return the program: the one that was installed with this Python, or the first in PATH; None if there is none.

    A PATH with relative folders would run programs of whoever wrote the files here: these are passed over.
    """
    folders = environ.get("PATH", "").split(os.pathsep)
    return _first([os.path.dirname(sys.executable), *folders])  # noqa: PTH120 - pathlib is slow to load


def _first(folders: Iterable[str]) -> str | None:
    for folder in folders:
        path = os.path.join(folder, NAME)  # noqa: PTH118 - likewise
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH117, PTH113 - likewise
            return path
    return None
