"""Running a command in an image's files: in a cell, with its output on the way."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import IO

import msgspec

from lading.build.cache_mount import held
from lading.build.cell_process import CellProcess
from lading.build.cell_wire import Ended, Run, write_all
from lading.build.cgroup import Group
from lading.build.run_spec import Cache, Isolation, Mount, Outcome, RunSpec
from lading.build.terminal import Screen, size
from lading.errors import UnavailableError

Output = Callable[[str], None]
_PIECE = 65536
_LEAST_FREE_BYTES = 1 << 20
# What has no line end for so long is passed on as it is.
_MAX_LINE_BYTES = 65536


class Control:
    """A hold on commands that are run: any thread can pass a signal on to them, or stop them.

    What is stopped stays so: a command that is begun later is stopped at once.
    """

    def __init__(self) -> None:
        # A handler of signals runs in the main thread, which may be in here already.
        self._lock = threading.RLock()
        self._cells: set[CellProcess] = set()
        self._screens: set[Screen] = set()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def signal(self, number: int) -> bool:
        """Pass a signal on to every command; return whether there is one."""
        with self._lock:
            for cell in self._cells:
                cell.signal(number)
            return bool(self._cells)

    def stop(self) -> None:
        """Ask every command to end, and end it if it does not; the second time, end it at once."""
        with self._lock:
            self._stopped = True
            for cell in self._cells:
                cell.stop()

    def refresh(self) -> bool:
        """Look again at the terminal that a person sits at, if it is lent; return whether it is.

        It has another size, or this process was stopped.
        """
        with self._lock:
            for screen in self._screens:
                screen.refresh()
            return bool(self._screens)

    @contextmanager
    def showing(self, screen: Screen) -> Iterator[None]:
        """Have a terminal under control for a while."""
        with self._lock:
            self._screens.add(screen)
        try:
            yield
        finally:
            with self._lock:
                self._screens.discard(screen)

    @contextmanager
    def holding(self, cell: CellProcess) -> Iterator[None]:
        """Have a cell under control for a while."""
        with self._lock:
            self._cells.add(cell)
            if self._stopped:
                cell.stop()
        try:
            yield
        finally:
            with self._lock:
                self._cells.discard(cell)


def execute(
    spec: RunSpec, isolation: Isolation, *, output: Output | None = None, control: Control | None = None
) -> Outcome:
    """Run a command to its end.

    output: gets what it writes, to both of its outputs, in whole lines; without it, input and outputs are
    those of this process, or a terminal of its own that is shown there. control: stops it from another thread.
    Raises `MalformedError` for mounts that the image's files do not allow, `UnavailableError` for what
    this machine cannot do. However it ends, no process and no mount of it is left.
    """
    ours = output is None and spec.stdin is None and not spec.terminal
    stdin: int | None = None if ours else subprocess.DEVNULL
    control = control or Control()
    if spec.network == "none" and not isolation.new_network:
        raise UnavailableError(
            "a command cannot be kept from the network here", hint="it may be --network=host"
        )
    if not isolation.namespaces:
        spec = msgspec.structs.replace(spec, mounts=tuple(map(_alone, spec.mounts)))
    with (
        _input(spec) as given,
        held(spec.mounts, lambda: control.stopped) as mounts,
        Group(isolation.pids, spec.max_processes) as group,
    ):
        spec = msgspec.structs.replace(spec, mounts=mounts, size=size() if spec.terminal else (0, 0))
        cell = CellProcess(
            Run(spec, isolation),
            output=None if output is None else subprocess.PIPE,
            stdin=stdin if given is None else given,
            terminal=spec.terminal,
        )
        with cell:
            group.add(cell.pid)
            cell.begin()
            with control.holding(cell):
                if output is not None:
                    _pass_on(cell.stdout, output)
                if spec.terminal:
                    _show(cell, control, spec.grace_s)
                report = cell.report()
        refused = group.refused
    assert isinstance(report, Ended)
    return _explained(report.outcome, spec, refused)


def _show(cell: CellProcess, control: Control, grace_s: float) -> None:
    """Lend the terminal at standard input to a command, until it has ended, or been told that the terminal is gone."""
    outer = cell.terminal()
    if outer is None:
        return

    with closing(Screen()) as screen, control.showing(screen):
        ended = screen.show(outer, cell.reporting)
    if not ended:
        cell.signal(signal.SIGHUP)
        if not cell.ends_within(grace_s):
            cell.stop()


def _alone(mount: Mount) -> Mount:
    """A cache that is moved to its place, not mounted, is at one place at a time."""
    if isinstance(mount, Cache) and mount.sharing == "shared":
        return msgspec.structs.replace(mount, sharing="locked")
    return mount


def _explained(outcome: Outcome, spec: RunSpec, refused: int) -> Outcome:
    """Add what may have made a command fail, that its own words seldom say."""
    if outcome.status == 0 or outcome.killed_by or outcome.message:
        return outcome
    message = ""
    if refused:
        message = f"it had {spec.max_processes} processes and threads, and could not start more"
    elif _is_full(spec.upper or spec.root):
        message = "there is no space left where its files are kept"
    return msgspec.structs.replace(outcome, message=message)


def _is_full(directory: str) -> bool:
    found = os.statvfs(directory)
    # Some file systems have no number of files.
    return found.f_bavail * found.f_frsize < _LEAST_FREE_BYTES or (found.f_files > 0 and found.f_favail == 0)


@contextmanager
def _input(spec: RunSpec) -> Iterator[int | None]:
    """Give a file with what the command reads: in memory, since it may be a secret."""
    if spec.stdin is None:
        yield None
        return
    file = os.memfd_create("input")
    try:
        write_all(file, spec.stdin)
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)


def _pass_on(stream: IO[bytes], output: Output) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    begun = ""
    while piece := os.read(stream.fileno(), _PIECE):
        text = begun + decoder.decode(piece)
        at = text.rfind("\n") + 1
        if not at and len(text) > _MAX_LINE_BYTES:
            at = len(text)
        if at:
            output(text[:at])
        begun = text[at:]
    begun += decoder.decode(b"", final=True)
    if begun:
        output(begun)
