"""Starting a command without any runtime: namespaces and a changed root, made here.

For a machine that has no runtime, or that is a container itself in which none works. Where that is allowed,
the command has mounts, processes and names of its own, and what Docker hides of the machine is hidden; its
capabilities are cut to what a container's root has. There is no filter of system calls.
"""

from __future__ import annotations

import errno
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from lading.build import capabilities, console, sockets, syscalls
from lading.build.children import DEFAULT_SIGNALS, Children
from lading.build.limits import hold
from lading.build.mounts import Mounted
from lading.build.program import places, refused
from lading.build.root_mounts import mount_all
from lading.build.run_spec import Isolation, Outcome, RunSpec
from lading.errors import UnavailableError

_EXECUTE = "execute"


class ChangedRoot:
    """A launcher that forks.

    console: a line through which the outer side of the command's terminal is sent; None for no terminal.
    """

    def __init__(self, isolation: Isolation, console: int | None) -> None:
        self._isolation = isolation
        self._console = console
        self._child: int | None = None

    def target(self) -> int | None:
        """Return the process of the command."""
        return self._child

    def run(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> Outcome:
        """Run a command to its end."""
        said, say = os.pipe()
        if self._isolation.namespaces:
            syscalls.unshare(syscalls.NEW_PIDS)
        child = os.fork()
        if child == 0:
            _Child(spec, self._isolation, root, mounted, say=say, console=self._console).run()
        self._child = child
        os.close(say)
        failed = _read_all(said)
        os.close(said)
        status = Children(self.target).wait(child)
        if not failed:
            return Outcome(status=status)
        step, _, number = failed.rpartition(" ")
        if step == _EXECUTE:
            return refused(spec.argv[0], int(number))
        raise UnavailableError(f"the command could not be started: {step}: {os.strerror(int(number))}")


class _Child:
    """The child: it arranges itself, and becomes the command, or says why it does not."""

    def __init__(
        self,
        spec: RunSpec,
        isolation: Isolation,
        root: Path,
        mounted: list[Mounted],
        *,
        say: int,
        console: int | None,
    ) -> None:
        self._spec = spec
        self._isolation = isolation
        self._root = root
        self._mounted = mounted
        self._say = say
        self._console = console
        self._step = "signals"

    def run(self) -> NoReturn:
        try:
            for number in DEFAULT_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            syscalls.die_with_parent(signal.SIGKILL)
            self._step = "limits"
            hold(self._spec, self._isolation)
            if self._isolation.namespaces:
                self._namespaces()
            else:
                self._terminal()  # of the machine's /dev: the image has none
            self._step = "the root"
            os.chdir(self._root)
            if self._isolation.namespaces:
                # Moved, and not only looked at from within: so there is no way back out.
                syscalls.mount(".", "/", flags=syscalls.MOVE)
            os.chroot(".")
            if self._isolation.namespaces:
                self._terminal()
            self._step = f"the directory {self._spec.cwd}"
            os.chdir(self._spec.cwd)
            self._step = f"the user {self._spec.uid}:{self._spec.gid}"
            self._identity()
            self._step = _EXECUTE
            self._execute()
        except OSError as error:
            os.write(self._say, f"{self._step} {error.errno}".encode())
        finally:
            os._exit(1)

    def _namespaces(self) -> None:
        self._step = "namespaces"
        spec = self._spec
        network = syscalls.NEW_NETWORK if spec.network == "none" else 0
        syscalls.unshare(syscalls.NEW_MOUNTS | syscalls.NEW_IPC | syscalls.NEW_UTS | network)
        syscalls.mount("none", "/", flags=syscalls.RECURSIVE | syscalls.SLAVE)
        syscalls.set_host_name(spec.hostname)
        if network:
            syscalls.raise_loopback()
        self._step = "mounts"
        mount_all(spec, self._isolation, self._root, self._mounted)

    def _terminal(self) -> None:
        if self._console is None:
            return
        self._step = "the terminal"
        outer, inner = console.make(self._spec.size)
        console.take(inner, self._spec.uid)
        sockets.send(self._console, outer)
        for descriptor in (outer, inner, self._console):
            os.close(descriptor)

    def _identity(self) -> None:
        spec = self._spec
        if self._isolation.one_id and (spec.uid or spec.gid):
            # The one id there is gets the number that is wanted.
            syscalls.unshare(syscalls.NEW_USER)
            for kind, number in (("uid", spec.uid), ("gid", spec.gid)):
                # No text file: its codec would be looked for in the root that there is now.
                ids = os.open(f"/proc/self/{kind}_map", os.O_WRONLY | os.O_CLOEXEC)
                os.write(ids, b"%d 0 1\n" % number)
                os.close(ids)
        elif not self._isolation.one_id:
            os.setgroups(spec.groups)
            os.setresgid(spec.gid, spec.gid, spec.gid)
        if spec.security == "sandbox":
            with suppress(PermissionError):  # who may not take them away has few
                syscalls.keep_capabilities(capabilities.numbers(capabilities.granted(spec.security)))
        if not self._isolation.one_id:
            os.setresuid(spec.uid, spec.uid, spec.uid)

    def _execute(self) -> NoReturn:
        spec = self._spec
        found = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        for path in places(spec.argv[0], spec.env, spec.cwd):
            try:
                os.execve(path, spec.argv, spec.env)  # noqa: S606 - what this is for
            except (FileNotFoundError, NotADirectoryError):
                continue
            except PermissionError as error:
                # Another of that name may do, further down.
                found = error  # type: ignore[assignment]  # both are OSErrors
        raise found


def _read_all(descriptor: int) -> str:
    data = b""
    while piece := os.read(descriptor, 4096):
        data += piece
    return data.decode()
