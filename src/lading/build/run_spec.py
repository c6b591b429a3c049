"""What a command in an image's files is run with, and how it ended: plain records that cross to another process."""

from __future__ import annotations

from typing import Literal

import msgspec

Runtime = Literal["crun", "runc", "bwrap", "chroot"]
Overlay = Literal["native", "userxattr", "fuse", "none"]
Network = Literal["default", "host", "none"]
Security = Literal["sandbox", "insecure"]
Sharing = Literal["shared", "private", "locked"]

MAX_PROCESSES = 4096
"""How many processes and threads a command may have at once, where the system can hold it to that."""
SHM_BYTES = 2**26
"""How much /dev/shm takes; as in docker."""
GRACE_S = 3.0
"""How long a command that is told to end has, before it is made to."""


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """What this machine can do to keep a command to itself.

    runtime: what starts it; program: that program's path, empty for `chroot`, which is none.
    overlay: how directories are laid over each other: `native` by the kernel, `userxattr` by the kernel in a
    user namespace, `fuse` by the program `fuse_program`, `none`: files have to lie in one directory.
    namespaces: whether there are mounts and processes of its own. new_proc: whether it can have a /proc of its own.
    new_network: whether it can be cut off from all networks. pids: a directory of cgroups where processes can be counted;
    empty for none. user_namespace: whether ids are not the machine's. one_id: whether there is only one.
    """

    runtime: Runtime
    program: str = ""
    overlay: Overlay = "none"
    fuse_program: str = ""
    namespaces: bool = False
    new_proc: bool = False
    new_network: bool = False
    pids: str = ""
    user_namespace: bool = False
    one_id: bool = False


class Bind(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Files of a stage, an image or a directory.

    lowers: directories in overlay form, lowest first; or directory: one with all files. source: a path in
    what they give together; symbolic links in it are followed within. If it may be written to, what is
    written is lost.
    """

    target: str
    lowers: tuple[str, ...] = ()
    directory: str = ""
    source: str = ""
    read_only: bool = True


class Volume(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A directory or file of the machine, as it is; what is written stays."""

    target: str
    source: str
    read_only: bool = False


class Cache(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A directory that outlives the build, made if it is not there.

    sharing: `locked` waits for others to finish, `private` takes a directory of its own beside one that is
    in use. mode, uid, gid: of a directory that is made. beginning: a directory of which one that is made is a copy,
    owner and mode, too; empty for none.
    """

    target: str
    directory: str
    sharing: Sharing = "shared"
    read_only: bool = False
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    beginning: str = ""


class Tmpfs(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An empty directory in memory. size_bytes: 0 for the system's own limit."""

    target: str
    size_bytes: int = 0
    mode: int = 0o1777


class File(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A file that is nowhere but in memory: a secret, a script."""

    target: str
    content: bytes
    mode: int = 0o400
    uid: int = 0
    gid: int = 0


class Agent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The socket of an SSH agent, forwarded. socket: its path on the machine."""

    target: str
    socket: str
    mode: int = 0o600
    uid: int = 0
    gid: int = 0


Mount = Bind | Volume | Cache | Tmpfs | File | Agent


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the system, setrlimit(2). name: such as `nofile`. -1: none."""

    name: str
    soft: int
    hard: int


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A command, and all that it sees.

    lowers, upper: directories in overlay form, lowest first, and the one that takes the changes; or
    root: a directory with all files, which is changed itself. work: an empty directory on the file system
    of `upper` or `root`, for this run alone; the caller removes it, with all that is left in it.
    env: variables, `NAME` to value; one without `PATH` gets the usual one. cwd: absolute. groups: further groups.
    hosts: names for /etc/hosts, with their addresses. stdin: what the command reads; None for nothing, unless
    it is run without an output of ours: then it has this process's own. terminal: a person is at a terminal, and
    the command gets one of its own. size: its columns and lines, filled in when it is run; 0 for not known.
    limits: of the system, for each of its processes. shm_bytes: how much /dev/shm takes.
    """

    argv: tuple[str, ...]
    work: str
    lowers: tuple[str, ...] = ()
    upper: str = ""
    root: str = ""
    env: dict[str, str] = {}
    cwd: str = "/"
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    hostname: str = "lading"
    hosts: tuple[tuple[str, str], ...] = ()
    network: Network = "default"
    security: Security = "sandbox"
    mounts: tuple[Mount, ...] = ()
    read_only: bool = False
    stdin: bytes | None = None
    terminal: bool = False
    size: tuple[int, int] = (0, 0)
    max_processes: int = MAX_PROCESSES
    limits: tuple[Limit, ...] = ()
    shm_bytes: int = SHM_BYTES
    grace_s: float = GRACE_S


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended.

    status: as a shell has it: 126 and 127 for what cannot be run or found, 128 and the number for a signal.
    killed_by: why it did not end by itself: `stop` for who ran it; empty otherwise.
    message: what to tell people beside the status; empty if its own output says it all.
    stubs: mount points that were made in the files and taken away again. moved: files that were out of the
    command's way meanwhile, so that the time at which they were touched last says nothing.
    """

    status: int
    killed_by: str = ""
    message: str = ""
    stubs: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
