"""The config of an image while it is built: what each instruction without files does to it.

Specification: OCI image-spec 1.1, config.md; and Docker's image specification 1.2 for what OCI leaves
out (`Healthcheck`, `OnBuild`, `Shell`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lading.build.ports import exposed
from lading.build.words import Words
from lading.dockerfile.duration import nanoseconds
from lading.dockerfile.instruction import (
    Cmd,
    Command,
    Entrypoint,
    Env,
    Exec,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Maintainer,
    Onbuild,
    ShellChange,
    StopSignal,
    User,
    Volume,
    Workdir,
)
from lading.errors import MalformedError
from lading.oci.image import Platform

DEFAULT_SHELL = ("/bin/sh", "-c")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}
# What a config says of its own making; a new image says its own.
_OWN = frozenset({"created", "history", "rootfs", "config", "container", "container_config", "id", "parent"})


class State(msgspec.Struct, frozen=True):
    """The config at a point of a stage; a change makes a new one.

    execution: the `config` object, with Docker's names (`Env`, `Cmd` ...). others: further members of the
    document, such as `os.version`. own_command: whether this stage has set `Cmd` itself.
    """

    platform: Platform
    execution: Mapping[str, Any] = {}
    others: Mapping[str, Any] = {}
    own_command: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """The variables in `Env`."""
        entries = [entry.partition("=") for entry in self.execution.get("Env") or []]
        return {name: value for name, _, value in entries}

    @property
    def directory(self) -> str:
        """The working directory, absolute."""
        return self.execution.get("WorkingDir") or "/"

    @property
    def user(self) -> str:
        """The user, as `USER` had it; empty for root."""
        return self.execution.get("User") or ""

    @property
    def shell(self) -> tuple[str, ...]:
        """What runs commands in shell form."""
        return tuple(self.execution.get("Shell") or DEFAULT_SHELL)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The instructions that wait for the next build."""
        return tuple(self.execution.get("OnBuild") or ())

    def with_(self, **members: Any) -> State:  # noqa: ANN401 - members of a JSON object
        """Return the state with these members of the `config` object; None takes one away."""
        merged = {**self.execution, **members}
        return msgspec.structs.replace(
            self, execution={name: value for name, value in merged.items() if value is not None}
        )

    def begun(self) -> State:
        """Return the state that a stage begins with which is built upon this one."""
        return msgspec.structs.replace(self.with_(OnBuild=None), own_command=False)


def read(raw: bytes, platform: Platform, where: str) -> State:
    """Return the state of a base image with the config `raw`.

    platform: of the build, for what the config does not say. Raises `MalformedError`.
    """
    try:
        document = msgspec.json.decode(raw, type=dict[str, Any])
        execution = msgspec.convert(document.get("config") or {}, _Checked)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedError(f"not an image config: {error}", where) from error
    del execution
    others = {name: value for name, value in document.items() if name not in _OWN and value}
    own = Platform(
        str(others.pop("os", "") or platform.os),
        str(others.pop("architecture", "") or platform.architecture),
        str(others.pop("variant", "")),
    )
    return State(own, document.get("config") or {}, others)


def history(raw: bytes) -> tuple[Mapping[str, Any], ...]:
    """Return the history of a base image with the config `raw`, entries as they are; none if it has none."""
    entries = msgspec.json.decode(raw, type=dict[str, Any]).get("history") or ()
    return tuple(entry for entry in entries if isinstance(entry, dict))


class _Checked(msgspec.Struct, rename="pascal"):
    """The members of the `config` object that are read here, with the types that they must have."""

    env: list[str] | None = None
    working_dir: str | None = None
    user: str | None = None
    shell: list[str] | None = None
    on_build: list[str] | None = None
    cmd: list[str] | None = None
    entrypoint: list[str] | None = None
    labels: dict[str, str] | None = None
    volumes: dict[str, Any] | None = None
    exposed_ports: dict[str, Any] | None = None


def document(
    state: State, *, diff_ids: list[str], history: list[dict[str, Any]], created: str
) -> dict[str, Any]:
    """Return the whole config document. created: RFC 3339."""
    platform = {"architecture": state.platform.architecture, "os": state.platform.os}
    if state.platform.variant:
        platform["variant"] = state.platform.variant
    return {
        "created": created,
        **platform,
        **dict(sorted(state.others.items())),
        "config": dict(sorted(state.execution.items())),
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    }


def apply(state: State, instruction: Instruction, words: Words) -> tuple[State, str]:
    """Return the state after an instruction, and how the history calls it.

    Raises `MalformedError` for arguments that make no sense. RUN, COPY and ADD are not for here.
    """
    return _HANDLERS[type(instruction)](state, instruction, words)


def set_variable(state: State, name: str, value: str) -> State:
    """Return the state with a variable set, in the place of an earlier one of that name."""
    entries = list(state.execution.get("Env") or [])
    places = [at for at, entry in enumerate(entries) if entry.partition("=")[0] == name]
    if places:
        entries[places[0]] = f"{name}={value}"
    else:
        entries.append(f"{name}={value}")
    return state.with_(Env=entries)


def arguments(command: Command, state: State) -> list[str]:
    """Return the words that a command comes to, by the stage's shell if it is in shell form."""
    if isinstance(command, Exec):
        return [word.value for word in command.words]
    return [*state.shell, command.text.text]


def _env(state: State, instruction: Env, words: Words) -> tuple[State, str]:
    told = []
    for pair in instruction.pairs:
        name, value = words.one(pair.name), words.one(pair.value)
        if not name:
            raise MalformedError("a variable has no name")
        state = set_variable(state, name, value)
        told.append(f"{name}={value}")
    return state, f"ENV {' '.join(told)}"


def _label(state: State, instruction: Label, words: Words) -> tuple[State, str]:
    labels = dict(state.execution.get("Labels") or {})
    told = []
    for pair in instruction.pairs:
        name, value = words.one(pair.name), words.one(pair.value)
        labels[name] = value
        told.append(f"{name}={value}")
    return state.with_(Labels=labels), f"LABEL {' '.join(told)}"


def _cmd(state: State, instruction: Cmd, _: Words) -> tuple[State, str]:
    command = arguments(instruction.command, state)
    changed = msgspec.structs.replace(state.with_(Cmd=command or None), own_command=True)
    return changed, f"CMD {_json(command)}"


def _entrypoint(state: State, instruction: Entrypoint, _: Words) -> tuple[State, str]:
    command = arguments(instruction.command, state)
    # The arguments of the base's own program are not those of this one.
    cleared = state if state.own_command else state.with_(Cmd=None)
    return cleared.with_(Entrypoint=command or None), f"ENTRYPOINT {_json(command)}"


def _shell(state: State, instruction: ShellChange, _: Words) -> tuple[State, str]:
    shell = [word.value for word in instruction.words]
    return state.with_(Shell=shell), f"SHELL {_json(shell)}"


def _expose(state: State, instruction: Expose, words: Words) -> tuple[State, str]:
    ports = [port for word in instruction.ports for text in words.many(word) for port in exposed(text)]
    merged = {**(state.execution.get("ExposedPorts") or {}), **{port: {} for port in ports}}
    return state.with_(ExposedPorts=dict(sorted(merged.items()))), f"EXPOSE {' '.join(ports)}"


def _volume(state: State, instruction: Volume, words: Words) -> tuple[State, str]:
    paths = [words.one(word) for word in instruction.paths]
    if not all(paths):
        raise MalformedError("a path of VOLUME is empty")
    merged = {**(state.execution.get("Volumes") or {}), **{path: {} for path in paths}}
    return state.with_(Volumes=dict(sorted(merged.items()))), f"VOLUME {_json(paths)}"


def _user(state: State, instruction: User, words: Words) -> tuple[State, str]:
    user = words.one(instruction.user)
    return state.with_(User=user or None), f"USER {user}"


def _workdir(state: State, instruction: Workdir, words: Words) -> tuple[State, str]:
    written = words.one(instruction.path)
    if not written:
        raise MalformedError("WORKDIR is empty")
    path = posixpath.normpath(posixpath.join(state.directory, written))
    path = "/" + path.lstrip("/")
    return state.with_(WorkingDir=path), f"WORKDIR {path}"


def _stop_signal(state: State, instruction: StopSignal, words: Words) -> tuple[State, str]:
    import signal

    written = words.one(instruction.signal)
    name = written.upper()
    known = {number.value for number in signal.Signals} | set(range(1, 65))
    name = name if name.startswith("SIG") else f"SIG{name}"
    is_number = written.isascii() and written.isdigit() and int(written[:4]) in known
    if (
        not is_number
        and name not in signal.Signals.__members__
        and not name.startswith(("SIGRTMIN", "SIGRTMAX"))
    ):
        raise MalformedError(f"there is no signal {written[:80]!r}")
    return state.with_(StopSignal=written), f"STOPSIGNAL {written}"


def _healthcheck(state: State, instruction: Healthcheck, words: Words) -> tuple[State, str]:
    if instruction.command is None:
        return state.with_(Healthcheck={"Test": ["NONE"]}), "HEALTHCHECK NONE"
    command = instruction.command
    if isinstance(command, Exec):
        test = ["CMD", *(word.value for word in command.words)]
    else:
        test = ["CMD-SHELL", command.text.text]
    check: dict[str, Any] = {"Test": test}
    for flag, member in _DURATIONS.items():
        given = instruction.flag(flag)
        if given is not None and given.value and (length := nanoseconds(words.flag(given))):
            check[member] = length
    retries = instruction.flag("retries")
    if retries is not None and retries.value and int(retries.value):
        check["Retries"] = int(retries.value)
    return state.with_(Healthcheck=check), f"HEALTHCHECK {_json(test)}"


def _onbuild(state: State, instruction: Onbuild, _: Words) -> tuple[State, str]:
    trigger = instruction.arguments.text
    for heredoc in instruction.heredocs:
        trigger += f"\n{heredoc.content}{heredoc.name}\n"
    return state.with_(OnBuild=[*state.triggers, trigger]), f"ONBUILD {trigger}"


def _maintainer(state: State, instruction: Maintainer, words: Words) -> tuple[State, str]:
    author = words.one(instruction.maintainer)
    others = {**state.others, "author": author}
    return msgspec.structs.replace(state, others=others), f"MAINTAINER {author}"


def _json(values: list[str]) -> str:
    return msgspec.json.encode(values).decode()


_Handler = Callable[[State, Any, Words], tuple[State, str]]
_HANDLERS: dict[type[Instruction], _Handler] = {
    Cmd: _cmd,
    Entrypoint: _entrypoint,
    Env: _env,
    Expose: _expose,
    Healthcheck: _healthcheck,
    Label: _label,
    Maintainer: _maintainer,
    Onbuild: _onbuild,
    ShellChange: _shell,
    StopSignal: _stop_signal,
    User: _user,
    Volume: _volume,
    Workdir: _workdir,
}
CHANGES_ONLY_CONFIG = tuple(_HANDLERS)
"""The instructions that `apply` takes."""
