"""Ordinary users of this machine, made for a test, and programs run as them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import needs

# Shows some folders at their places, though a folder above lets nobody in.
_SCRIPT = """
set -e
hold=$1; shift
blocked=$1; shift
mount -t tmpfs none "$hold"
n=0
for path in $SHOWN; do
  mkdir "$hold/$n"; mount --rbind "$path" "$hold/$n"; n=$((n+1))
done
if [ -n "$blocked" ]; then mount -t tmpfs -o mode=755 none "$blocked"; fi
n=0
for path in $SHOWN; do
  mkdir -p "$path"; mount --rbind "$hold/$n" "$path"; n=$((n+1))
done
umount -l "$hold"
exec "$@"
"""


class User:
    """A user, with a folder of its own."""

    def __init__(self, name: str, folder: Path, *, subordinate: bool) -> None:
        self.name = name
        self.folder = folder
        self.subordinate = subordinate
        entry = pwd.getpwnam(name)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid

    def command(self, argv: Sequence[str]) -> list[str]:
        """Return the words that run a program as this user, where Python and this repository can be seen."""
        wanted = [Path(sys.base_prefix), Path(sys.prefix), needs.ROOT]
        blocked = {top for path in wanted if (top := _closed(path)) is not None}
        assert len(blocked) <= 1, f"these are closed to others: {blocked}"
        hidden = [path for path in wanted if _closed(path) is not None]
        shown = [
            path
            for path in hidden
            if not any(path != other and path.is_relative_to(other) for other in hidden)
        ]
        words = ["unshare", "-m", "env", "SHOWN=" + " ".join(map(str, shown)), "sh", "-c", _SCRIPT, "sh"]
        words += [str(self.folder.parent / "hold"), *(map(str, blocked) if blocked else ("",))]
        return [*words, "setpriv", "--reuid", str(self.uid), "--regid", str(self.gid), "--init-groups", *argv]

    def run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            self.command(argv), capture_output=True, text=True, check=False, cwd=self.folder, timeout=200,
            env=self.environment(),
        )  # fmt: skip

    def new_folder(self) -> Path:
        """Make a folder that is the user's."""
        made = Path(tempfile.mkdtemp(dir=self.folder))
        os.chown(made, self.uid, self.gid)
        return made

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "LANG": "C.UTF-8"}


@contextmanager
def user(*, subordinate: bool) -> Iterator[User]:
    """Make a user, with ids in /etc/subuid or without; or skip the test."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    name = f"lading-{os.urandom(3).hex()}"
    place = Path(tempfile.mkdtemp(prefix="lading-user-"))
    place.chmod(0o755)
    (place / "hold").mkdir()
    folder = place / "home"
    subprocess.run(
        ["useradd", "-M", "-d", folder, "-s", "/bin/sh", *(() if subordinate else ("-r",)), name], check=True
    )
    try:
        made = User(name, folder, subordinate=subordinate)
        folder.mkdir()
        os.chown(folder, made.uid, made.gid)
        yield made
    finally:
        subprocess.run(["userdel", name], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(place, ignore_errors=True)


def _closed(path: Path) -> Path | None:
    """Return the folder above a path that does not let others in, the highest one."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None
