"""A user who may not mount becomes root of a user namespace (user_namespaces(7)).

    this process: waits, passes signals on       child: root of its namespace, runs the program again

The ids that /etc/subuid and /etc/subgid give the user come along, by newuidmap and newgidmap of the system. Without
them there is one id alone, which is root within: owners of files cannot be changed then.
"""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from lading.build import syscalls, terminal
from lading.errors import DeniedError

_logger = logging.getLogger(__name__)

_PASSED_ON = frozenset(
    {
        signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
        signal.SIGWINCH,
    }
)  # fmt: skip
# si_code of what a terminal sends, and then to the child as well (sigaction(2)).
_BY_THE_KERNEL = 0x80
_MAX_BYTES = 1 << 20
_HINT = (
    "the system can allow it: user.max_user_namespaces, kernel.unprivileged_userns_clone, "
    "kernel.apparmor_restrict_unprivileged_userns; or a container's seccomp profile"
)


class Range(msgspec.Struct, frozen=True):
    """Ids that belong together: where they begin within and outside, and how many."""

    inside: int
    outside: int
    count: int


class Ids(msgspec.Struct, frozen=True):
    """The ids of a namespace."""

    users: tuple[Range, ...]
    groups: tuple[Range, ...]


def enter(argv: Sequence[str]) -> int | None:
    """Run a program as root of a new user namespace; return its status, as a shell has it.

    argv: its path, and its arguments. It gets our environment and our signals, and ends when we do.
    Return None where nothing had to be done, since this process may mount; and for root who may neither mount
    nor make such a namespace, and has to do with what there is.
    Raises `DeniedError` where another user may make no such namespace.
    """
    if syscalls.may_mount():
        return None
    try:
        if os.geteuid() == 0:
            return _enter(argv, _write_maps(_everything()))
        ids = subordinate(os.getuid(), os.getgid())
        status = _enter(argv, _run_newidmap(ids)) if ids is not None else None
        return _enter(argv, _write_maps(_alone(), groups_fixed=True)) if status is None else status
    except DeniedError:
        if os.geteuid() == 0:
            return None
        raise


def subordinate(uid: int, gid: int, etc: Path = Path("/etc")) -> Ids | None:
    """Return the ids that a user has; None if there are no further ones, or no programs to get them by."""
    if not (shutil.which("newuidmap") and shutil.which("newgidmap")):
        return None
    names = {str(uid)}
    with suppress(KeyError):
        names.add(pwd.getpwuid(uid).pw_name)
    users = _given(etc / "subuid", names)
    groups = _given(etc / "subgid", names)
    if not (users and groups):
        return None
    return Ids(_lined_up(uid, users), _lined_up(gid, groups))


def _given(path: Path, names: set[str]) -> list[tuple[int, int]]:
    """Return the first id and the number of each range that a file (subuid(5)) gives to a user."""
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        name, _, numbers = line.strip().partition(":")
        first, _, count = numbers.partition(":")
        if name in names and first.isdecimal() and count.isdecimal() and int(count):
            found.append((int(first), int(count)))
    return found


def _lined_up(own: int, given: Iterable[tuple[int, int]]) -> tuple[Range, ...]:
    """Give the user's own id as 0, and all others from 1 on."""
    ranges = [Range(0, own, 1)]
    for first, count in given:
        ranges.append(Range(ranges[-1].inside + ranges[-1].count, first, count))
    return tuple(ranges)


def _alone() -> Ids:
    return Ids((Range(0, os.getuid(), 1),), (Range(0, os.getgid(), 1),))


def _everything() -> Ids:
    """Return the ids of this process's own namespace, as they are."""
    users, groups = (
        tuple(Range(inside, inside, count) for inside, _, count in syscalls.id_map(kind))
        for kind in ("uid", "gid")
    )
    return Ids(users, groups)


def _run_newidmap(ids: Ids) -> Callable[[int], bool]:
    def set_ids(process: int) -> bool:
        for program, ranges in (("newuidmap", ids.users), ("newgidmap", ids.groups)):
            words = [str(number) for one in ranges for number in (one.inside, one.outside, one.count)]
            done = subprocess.run(  # noqa: S603 - a program of the system, and numbers
                [shutil.which(program) or program, str(process), *words], capture_output=True, check=False
            )
            if done.returncode:
                said = done.stderr.decode("utf-8", "replace").strip()
                _logger.warning("%s did not work, so there is one id alone: %s", program, said[:200])
                return False
        return True

    return set_ids


def _write_maps(ids: Ids, *, groups_fixed: bool = False) -> Callable[[int], bool]:
    """groups_fixed: gives up changing groups, without which a user may not choose a group (user_namespaces(7))."""

    def set_ids(process: int) -> bool:
        place = Path(f"/proc/{process}")
        try:
            if groups_fixed:
                (place / "setgroups").write_text("deny", "ascii")
            for name, ranges in (("uid_map", ids.users), ("gid_map", ids.groups)):
                lines = "".join(f"{one.inside} {one.outside} {one.count}\n" for one in ranges)
                (place / name).write_text(lines, "ascii")
        except OSError as error:
            raise DeniedError(
                f"the ids of a user namespace cannot be set: {error.strerror}", hint=_HINT
            ) from error
        return True

    return set_ids


def _enter(argv: Sequence[str], set_ids: Callable[[int], bool]) -> int | None:
    """Run a program in a new namespace; None if its ids could not be set.

    Raises `DeniedError` where there can be no namespace.
    """
    made_read, made_write = os.pipe()
    set_read, set_write = os.pipe()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON | {signal.SIGCHLD})
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _become_root(argv, (made_write, set_read, set_write), mask, parent)
    try:
        os.close(made_write)
        os.close(set_read)
        if refused := os.read(made_read, 16):
            os.waitpid(child, 0)
            reason = os.strerror(int(refused))
            raise DeniedError(f"this user may not make user namespaces: {reason}", hint=_HINT)
        ready = False
        try:
            ready = set_ids(child)
        finally:
            if not ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
        if not ready:
            return None
        os.write(set_write, b"\n")
        return _wait(child)
    finally:
        os.close(made_read)
        os.close(set_write)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _become_root(
    argv: Sequence[str], pipes: tuple[int, int, int], mask: set[int | signal.Signals], parent: int
) -> NoReturn:
    """In the child: make the namespace, wait for its ids, and become the program."""
    made, ids_are_set, ours_not = pipes
    try:
        os.close(ours_not)
        try:
            syscalls.unshare(syscalls.NEW_USER)
        except OSError as error:
            os.write(made, str(error.errno).encode())
            os._exit(1)
        os.close(made)
        if os.read(ids_are_set, 1):
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            syscalls.die_with_parent(signal.SIGKILL)
            if os.getppid() == parent:
                os.execv(argv[0], list(argv))  # noqa: S606 - ourselves
    finally:
        os._exit(1)


def _wait(child: int) -> int:
    """Pass signals on until the child has ended; return its status."""
    modes = terminal.modes()
    while True:
        got = signal.sigwaitinfo(_PASSED_ON | {signal.SIGCHLD})
        if got.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                if code < 0:
                    # It has had no chance to do so itself.
                    terminal.put_back(modes)
                return code if code >= 0 else 128 - code
        elif got.si_code != _BY_THE_KERNEL:
            with suppress(ProcessLookupError):
                os.kill(child, got.si_signo)
