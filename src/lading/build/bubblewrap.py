"""Starting a command by bubblewrap, bwrap(1): a sandbox without a filter of system calls."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lading.build import capabilities
from lading.build.cell_wire import write_all
from lading.build.children import Children, start
from lading.build.limits import hold
from lading.build.mounts import Mounted
from lading.build.program import why_not
from lading.build.run_spec import SHM_BYTES, Isolation, Outcome, RunSpec
from lading.build.runtime_config import MASKED
from lading.errors import UnavailableError

# A status above is that of a command ended by a signal.
_SIGNALLED = 128
_MAX_STATUS_BYTES = 65536


class Bubblewrap:
    """A launcher for root, and for the one id where there is no other."""

    def __init__(self, bundle: Path, isolation: Isolation) -> None:
        self._status = bundle / "status"
        self._isolation = isolation

    def target(self) -> int | None:
        """Return the process of the command."""
        return self._told().get("child-pid")

    def run(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> Outcome:
        """Run a command to its end."""
        # Its words are in no list of processes: there are variables among them, which may be secret.
        words = os.memfd_create("words", 0)
        status = os.open(self._status, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            arguments = self._arguments(spec, root, mounted)
            write_all(words, b"".join(os.fsencode(word) + b"\0" for word in arguments))
            os.lseek(words, 0, os.SEEK_SET)
            for descriptor in (words, status):
                os.set_inheritable(descriptor, True)
            if not self._isolation.one_id:
                os.setgroups(spec.groups)
            hold(spec, self._isolation)
            own = [self._isolation.program, "--args", str(words), "--json-status-fd", str(status)]
            ended = Children(self.target).wait(start([*own, "--", *spec.argv]))
        finally:
            os.close(words)
            os.close(status)
        told = self._told()
        if "exit-code" in told or ended > _SIGNALLED:
            return Outcome(status=ended)
        if "child-pid" not in told:
            raise UnavailableError("bwrap could not start the command; its own words are above")
        return self._not_started(spec, root)

    def _not_started(self, spec: RunSpec, root: Path) -> Outcome:
        descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return why_not(descriptor, spec.argv[0], spec.env, spec.cwd)
        finally:
            os.close(descriptor)

    def _arguments(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> Iterator[str]:
        yield from ("--ro-bind" if spec.read_only else "--bind", str(root), "/")
        yield from ("--dev", "/dev", "--proc", "/proc", "--mqueue", "/dev/mqueue")
        yield from ("--ro-bind-try", "/sys", "/sys")
        if spec.shm_bytes != SHM_BYTES:
            yield from ("--perms", "1777", "--size", str(spec.shm_bytes), "--tmpfs", "/dev/shm")  # noqa: S108
        for one in mounted:
            yield from ("--ro-bind" if one.read_only else "--bind", one.source, one.target)
        yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--die-with-parent")
        yield from ("--hostname", spec.hostname, "--chdir", spec.cwd, "--clearenv")
        for name, value in spec.env.items():
            yield from ("--setenv", name, value)
        if spec.network == "none":
            yield "--unshare-net"
        if spec.uid or spec.gid:
            yield from ("--unshare-user", "--uid", str(spec.uid), "--gid", str(spec.gid))
        if spec.security == "sandbox":
            yield from _masks()
        yield from ("--cap-drop", "ALL")
        for name in capabilities.granted(spec.security) if spec.uid == 0 else ():
            yield from ("--cap-add", name)

    def _told(self) -> dict[str, Any]:
        """Return what bwrap has said so far."""
        found: dict[str, Any] = {}
        with suppress(OSError):
            text = self._status.read_bytes()[:_MAX_STATUS_BYTES].decode("utf-8", "replace")
            for line in text.splitlines():
                with suppress(ValueError):  # it is being written
                    found |= json.loads(line)
        return found


def _masks() -> Iterator[str]:
    for path in MASKED:
        if Path(path).is_dir():
            yield from ("--tmpfs", path, "--remount-ro", path)
        elif Path(path).exists():
            yield from ("--ro-bind", "/dev/null", path)
