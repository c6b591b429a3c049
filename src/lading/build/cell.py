"""The process that a command runs in: it mounts, starts the runtime, waits, and cleans up.

    Lading -> cell, outside -> cell, inside: process 1 of its own -> runtime -> command

All mounts are made in a mount namespace of its own, and all processes are below its process 1. So when
Lading is gone, in whatever way, the cell ends, and the kernel takes the rest away.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import msgspec

from lading.build import syscalls
from lading.build.cell_control import Control
from lading.build.cell_probe import probe
from lading.build.cell_wire import Ended, Found, Probe, Report, Run, failure, receive_request, send_report
from lading.build.changed_root import ChangedRoot
from lading.build.children import end_descendants
from lading.build.launcher import choose
from lading.build.mounts import Place, settle
from lading.build.placed import Placed
from lading.build.run_spec import Outcome
from lading.build.within import Stubs, make_directory
from lading.errors import LadingError, UnavailableError

# Where the runtime itself mounts: nothing is made below these in the image's files.
CGROUPS = "/sys/fs/cgroup"
SYSTEM = ("/proc", "/dev", "/sys")


def main() -> None:
    """Serve one request.

    The arguments of the process are the control pipe, the report pipe, and a line for the outer side of the command's
    terminal; -1 where it gets none.
    """
    control, report, line = map(int, sys.argv[1:4])
    console = None if line < 0 else line
    syscalls.die_with_parent(signal.SIGKILL)
    os.umask(0o022)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for pipe in (control, report, *(() if console is None else (console,))):
        os.set_inheritable(pipe, False)
    request = receive_request(control)
    if request is None:
        return
    send_report(report, _answer(request, control, console))


def _answer(request: Run | Probe, control: int, console: int | None) -> Report:
    try:
        if isinstance(request, Probe):
            return _probe(request)
        run = _inside if request.isolation.namespaces else _bare
        return Ended(run(request, control, console))
    except (LadingError, OSError) as error:
        return failure(error)


def _probe(request: Probe) -> Report:
    try:
        enter(proc=False)
    except OSError:
        return Found()
    return probe(request)


def enter(*, proc: bool) -> None:
    """Go on in a child that is process 1 of its own, with mounts of its own; this process waits, and ends with it.

    proc: whether to mount a new /proc. Raises `OSError` where that is not allowed.
    """
    syscalls.unshare(syscalls.NEW_MOUNTS | syscalls.NEW_PIDS)
    # What the machine takes away is not held on to here; what is mounted here is not seen there.
    syscalls.mount("none", "/", flags=syscalls.RECURSIVE | syscalls.SLAVE)
    child = os.fork()
    if child:
        os.closerange(3, 256)
        os.waitpid(child, 0)
        os._exit(0)
    syscalls.die_with_parent(signal.SIGKILL)
    if proc:
        flags = syscalls.NO_SUID | syscalls.NO_EXEC | syscalls.NO_DEVICES
        syscalls.mount("proc", "/proc", "proc", flags)


def _bare(request: Run, control: int, console: int | None) -> Outcome:
    """Run a command where there are neither mounts nor processes of its own."""
    spec = request.spec
    if not spec.root:
        raise UnavailableError("layers cannot be laid over each other where nothing can be mounted")
    syscalls.adopt_orphans()
    launcher = ChangedRoot(request.isolation, console)
    listener = Control(control, spec.grace_s, launcher.target, end_descendants)
    root = os.open(spec.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    with Stubs(root) as stubs:
        make_directory(root, spec.cwd)
        placed = Placed(root, stubs, Path(spec.work, "aside"), spec)
        try:
            placed.lay()
            listener.start()
            found = launcher.run(spec, Path(spec.root), [])
            listener.end()
        finally:
            end_descendants()
            placed.take_away()
            stubs.remove()
        return msgspec.structs.replace(_ended(found, stubs, listener), moved=tuple(placed.moved))


def _ended(found: Outcome, stubs: Stubs, listener: Control) -> Outcome:
    killed_by = "stop" if listener.stopped else ""
    return msgspec.structs.replace(found, stubs=tuple(stubs.paths), killed_by=killed_by)


def _inside(request: Run, control: int, console: int | None) -> Outcome:
    spec = request.spec
    enter(proc=request.isolation.new_proc)
    if request.isolation.runtime == "crun":
        _hide_cgroups()
    place = Place(Path(spec.work, "place"), spec, request.isolation)
    place.prepare()
    launcher = choose(request.isolation, spec, place.path / "bundle", console)
    listener = Control(control, spec.grace_s, launcher.target, _kill_all)
    root = os.open(place.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    with Stubs(root) as stubs:
        try:
            for name in SYSTEM:
                stubs.make(name, directory=True)
            make_directory(root, spec.cwd)
            mounted = settle(stubs, place.mounted(), SYSTEM)
            listener.start()
            found = launcher.run(spec, place.root, mounted)
            listener.end()
        finally:
            stubs.remove()
        return _ended(found, stubs, listener)


def _hide_cgroups() -> None:
    """Let crun see none: it is told not to use them, and still gives up on those that it does not know (hybrid)."""
    if Path(CGROUPS).is_dir():
        syscalls.mount("tmpfs", CGROUPS, "tmpfs", syscalls.READ_ONLY, "size=4k,mode=0555")


def _kill_all() -> None:
    """End every process below this process 1."""
    os.kill(-1, signal.SIGKILL)
