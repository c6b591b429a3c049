"""What a shell says of a program that cannot be started: 127 where there is none, 126 where it does not run."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping

from lading.build.run_spec import Outcome
from lading.build.within import reach

NOT_FOUND, NOT_RUNNABLE = 127, 126
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})


def refused(name: str, number: int) -> Outcome:
    """Return how a command has ended that the system would not start. number: the error's."""
    status = NOT_FOUND if number in _MISSING else NOT_RUNNABLE
    return Outcome(status=status, message=f"{name}: {os.strerror(number)}")


def places(name: str, environ: Mapping[str, str], directory: str) -> Iterator[str]:
    """Yield the paths where a program is looked for, as execvp(3) does, from a directory."""
    if "/" in name:
        yield posixpath.join(directory, name)
        return
    for folder in environ.get("PATH", DEFAULT_PATH).split(":"):
        yield posixpath.join(directory, folder, name)


def why_not(root: int, name: str, environ: Mapping[str, str], directory: str) -> Outcome:
    """Return how a command has ended that did not start, by looking for its program in a root directory."""
    found = errno.ENOENT
    for path in places(name, environ, directory):
        try:
            with reach(root, path) as reached:
                mode = os.fstat(reached.descriptor).st_mode
        except OSError:
            continue
        runnable = stat.S_ISREG(mode) and mode & 0o111
        found = errno.ENOEXEC if runnable else errno.EACCES
        break
    return refused(name, found)
