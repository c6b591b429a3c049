"""What this machine can do to keep a command to itself; found out by trying."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from lading.build import cgroup, syscalls
from lading.build.cell_process import CellProcess
from lading.build.cell_wire import Found, Probe
from lading.build.run_spec import Isolation, Runtime
from lading.errors import UnavailableError

PROBE = "probe-"
"""How the directory begins in which something is tried; one that is left was left by who was killed."""
RUNTIMES: tuple[Runtime, ...] = ("crun", "runc", "bwrap")


def probe(directory: Path, runtime: Runtime | None = None) -> Isolation:
    """Return what can be done, with the best runtime there is, or the one that is asked for.

    directory: where layers lie, made if it is not there; something is tried in it, and removed.
    Raises `UnavailableError` where the runtime is not installed, or this is no Linux.
    """
    if not syscalls.is_linux():
        raise UnavailableError("commands in images can be run on Linux only")
    directory.mkdir(parents=True, exist_ok=True)
    fuse = shutil.which("fuse-overlayfs") or ""
    with tempfile.TemporaryDirectory(prefix=PROBE, dir=directory) as place:
        request = Probe(place, fuse)
        with CellProcess(request, output=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as cell:
            cell.begin()
            found = cell.report()
    assert isinstance(found, Found)
    chosen = _runtime(runtime, found)
    return Isolation(
        runtime=chosen,
        program="" if chosen == "chroot" else shutil.which(chosen) or "",
        overlay=found.overlay,
        fuse_program=fuse,
        namespaces=found.namespaces,
        new_proc=found.new_proc,
        new_network=found.new_network,
        pids=cgroup.find(),
        user_namespace=syscalls.in_user_namespace(),
        one_id=has_one_id(),
    )


def has_one_id() -> bool:
    """Whether there is one id alone, so that files cannot belong to anybody else."""
    return syscalls.is_linux() and sum(count for _, _, count in syscalls.id_map()) == 1


def _runtime(wanted: Runtime | None, found: Found) -> Runtime:
    if wanted is not None:
        if wanted != "chroot" and shutil.which(wanted) is None:
            raise UnavailableError(f"{wanted} is not installed")
        return wanted
    if not found.new_proc:
        return "chroot"
    return next((name for name in RUNTIMES if shutil.which(name) is not None), "chroot")
