"""A container of an image: what is run, as whom and with what, from the image's config and the user's words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lading.build import image_config, isolation, limits, run_spec, unpack
from lading.build.accounts import Accounts, Identity
from lading.build.bases import reference
from lading.build.image_config import DEFAULT_PATH, State
from lading.build.origins import read_accounts
from lading.build.run import Control, execute
from lading.build.run_spec import Network, Outcome, RunSpec
from lading.build.snapshotter import Snapshotter
from lading.build.tree_files import TreeFiles
from lading.dockerfile import mount as mounts
from lading.errors import LadingError, UsageError
from lading.oci.image import Image, this_platform

MAX_FILE_BYTES = 2**20
_MODE = re.compile(r"[0-7]{1,4}")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for beside the image. Empty or None is what the image says.

    command: takes the place of `Cmd`; entrypoint: of `Entrypoint`, whose `Cmd` does not count then.
    variables: over those of the image. mounts: directories and files of the machine, and empty ones in memory.
    hosts: further names, with addresses.
    """

    command: tuple[str, ...] = ()
    entrypoint: str | None = None
    variables: Mapping[str, str] = {}
    user: str = ""
    directory: str = ""
    mounts: tuple[run_spec.Volume | run_spec.Tmpfs, ...] = ()
    read_only: bool = False
    network: Network = "host"
    hostname: str = "lading"
    hosts: tuple[tuple[str, str], ...] = ()
    limits: tuple[run_spec.Limit, ...] = ()
    shm_bytes: int = run_spec.SHM_BYTES
    terminal: bool = False


def spec(
    state: State,
    wanted: Wanted,
    known: Accounts,
    *,
    work: Path,
    lowers: Sequence[Path] = (),
    upper: Path | None = None,
    root: Path | None = None,
) -> RunSpec:
    """Return how a container is run. known: the accounts of the image. The rest: as in `RunSpec`.

    Raises `UsageError` where neither says what to run, `MalformedError` for a user that there is none of.
    """
    argv = _argv(state, wanted)
    who: Identity = known.identity(wanted.user or state.user)
    variables = {"PATH": DEFAULT_PATH, "HOME": who.home, **state.environment, **wanted.variables}
    if wanted.terminal:
        variables.setdefault("TERM", "xterm")
    return RunSpec(
        argv=argv,
        lowers=tuple(map(str, lowers)),
        upper=str(upper or ""),
        root=str(root or ""),
        work=str(work),
        env=variables,
        cwd=posixpath.join("/", wanted.directory) if wanted.directory else state.directory,
        uid=who.uid,
        gid=who.gid,
        groups=who.groups,
        network=wanted.network,
        hostname=wanted.hostname,
        hosts=wanted.hosts,
        limits=wanted.limits,
        shm_bytes=wanted.shm_bytes,
        mounts=wanted.mounts,
        read_only=wanted.read_only,
        terminal=wanted.terminal,
    )


def run(image: Image, wanted: Wanted, snapshotter: Snapshotter, files: Path, control: Control) -> Outcome:
    """Run a container of an image whose layers are in the store, with the input and outputs of this process.

    files: where the snapshotter has its own, to find out what this machine can do. control: passes signals on.
    What the container changes is lost. Raises what `spec` and `run.execute` raise.
    """
    layers = tuple(reference(layer) for layer in image.layers)
    state = image_config.read(image.config, this_platform(), f"{image.target}: config")
    with snapshotter.lease(), snapshotter.scratch() as folder:
        able = isolation.probe(files)
        for name in ("work", "files"):
            (folder / name).mkdir()
        directories = snapshotter.directories(layers)
        tree = snapshotter.tree(layers)
        known = read_accounts(TreeFiles(tree, lambda: directories, title="the image"))
        changed = folder / "files"
        if able.overlay == "none":
            snapshotter.flat(layers, changed)
            made = spec(state, wanted, known, work=folder / "work", root=changed)
        else:
            unpack.prepare(changed, tree)
            made = spec(state, wanted, known, work=folder / "work", lowers=directories, upper=changed)
        return execute(made, able, control=control)


def volume(text: str) -> run_spec.Volume:
    """Return what `-v SOURCE:TARGET[:ro]` asks for.

    Raises `UsageError` for another form, a source that is not there, and a target that is not absolute.
    """
    source, _, rest = text.partition(":")
    target, _, option = rest.partition(":")
    if not source or not target or option not in {"", "ro", "rw"}:
        raise UsageError(
            f"not a volume: {text[:120]!r}", hint="write -v SOURCE:TARGET, or -v SOURCE:TARGET:ro"
        )
    return _volume(source, target, read_only=option == "ro")


def _check_target(target: str) -> None:
    if not target.startswith("/"):
        raise UsageError(f"the target of a volume is an absolute path, not {target[:120]!r}")


def _volume(source: str, target: str, *, read_only: bool) -> run_spec.Volume:
    _check_target(target)
    path = Path(source).expanduser()
    if not path.exists():
        raise UsageError(
            "there is no such file or directory", source, "a volume is a directory or file that is there"
        )
    return run_spec.Volume(
        target=posixpath.normpath(target), source=str(path.absolute()), read_only=read_only
    )


def memory(text: str) -> run_spec.Tmpfs:
    """Return what `--tmpfs TARGET[:size=N,mode=M]` asks for. Raises `UsageError`."""
    target, _, options = text.partition(":")
    _check_target(target)
    found = run_spec.Tmpfs(target=posixpath.normpath(target))
    for option in filter(None, options.split(",")):
        name, _, value = option.partition("=")
        if name == "size":
            found = msgspec.structs.replace(found, size_bytes=limits.size_bytes(value))
        elif name == "mode" and _MODE.fullmatch(value):
            found = msgspec.structs.replace(found, mode=int(value, 8))
        elif name not in {"rw", "nosuid", "nodev", "noexec"}:  # a sandbox in any case
            raise UsageError(
                f"--tmpfs has no {option[:80]!r}", hint="write --tmpfs TARGET:size=64m,mode=1777"
            )
    return found


def mount(text: str) -> run_spec.Volume | run_spec.Tmpfs:
    """Return what `--mount type=bind,source=SOURCE,target=TARGET[,readonly]` asks for, or one of type tmpfs.

    Raises `UsageError`.
    """
    try:
        given = mounts.parse(text)
    except LadingError as error:
        raise UsageError(error.message, f"--mount {text[:80]}") from error
    known = {"bind": {"type", "source", "target", "readonly"}, "tmpfs": {"type", "target"}}.get(given.type)
    # Without a type it is a volume for docker, of which there are none here.
    if known is None or "type" not in given.options:
        raise UsageError(
            f"--mount {text[:80]!r} is of no type that there is", hint="type=bind, or type=tmpfs"
        )
    if strange := sorted({*given.unknown, *(set(given.options) - known)}):
        raise UsageError(
            f"--mount has no {', '.join(strange)[:80]}", hint=f"it takes {', '.join(sorted(known))}"
        )
    target = given.options.get("target") or ""
    if given.type == "tmpfs":
        return memory(target)
    read_only = "readonly" in given.options and given.options["readonly"] not in {"false", "0"}
    return _volume(given.options.get("source") or "", target, read_only=read_only)


def variables(given: Sequence[str], files: Sequence[Path], environ: Mapping[str, str]) -> dict[str, str]:
    """Return variables: of files, a line each, then `NAME=VALUE`, or `NAME` for the one of that name here.

    Raises `UsageError` for a file that cannot be read, and a line without a name.
    """
    lines = [line for path in files for line in _lines(path)]
    found: dict[str, str] = {}
    for text in (*lines, *given):
        name, equals, value = text.partition("=")
        if not name or name.strip() != name:
            raise UsageError(f"not a variable: {text[:120]!r}", hint="write NAME=VALUE, or NAME")
        if equals:
            found[name] = value
        elif name in environ:
            found[name] = environ[name]
    return found


def _argv(state: State, wanted: Wanted) -> tuple[str, ...]:
    if wanted.entrypoint is not None:
        argv = (*((wanted.entrypoint,) if wanted.entrypoint else ()), *wanted.command)
    else:
        command = wanted.command or tuple(state.execution.get("Cmd") or ())
        argv = (*(state.execution.get("Entrypoint") or ()), *command)
    if not argv:
        raise UsageError("the image does not say what to run", hint="name a command behind the image")
    return argv


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", str(path)) from error
    lines = (line.strip() for line in data.decode("utf-8", "surrogateescape").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
