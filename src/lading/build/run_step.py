"""RUN: a command in the files of its stage, and what it changes in them becomes a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from lading.build import run, run_command, run_mounts, run_spec, snapshot, unpack
from lading.build.chain import LayerRef, key_of
from lading.build.events import Output, Tell, changed
from lading.build.execute import Situation
from lading.build.image_config import DEFAULT_PATH, State
from lading.build.layer_make import LayerMaker
from lading.build.plan import Step, place
from lading.build.run import Control
from lading.build.run_command import RunCommand
from lading.build.run_mounts import RunMount, Ssh
from lading.build.run_resolve import Resolver
from lading.build.run_spec import SHM_BYTES, Isolation, Limit, Outcome, RunSpec
from lading.build.snapshotter import Snapshotter
from lading.dockerfile.instruction import Run
from lading.dockerfile.scope import PROXY_ARGUMENTS
from lading.errors import FailedError, LadingError, MalformedError, StoppedError, UsageError
from lading.oci.beside import writing

_SHOWN_CHARS = 200
_NETWORKS = ("default", "host", "none")
_SECURITIES = ("sandbox", "insecure")
# Called with what a command that has failed was run with, and what stops commands, while its files are there.
Failed = Callable[[RunSpec, Isolation, Control], None]


class Runner(msgspec.Struct, frozen=True):
    """With what commands are run, and stopped.

    network: for a RUN that does not say. insecure: whether a RUN may ask for all rights. arguments:
    `--build-arg`, of which a command sees the proxies without an ARG. hosts: further names. limits, shm_bytes: as in
    `RunSpec`; no part of what a step is known by. one_id: whether files cannot belong to anybody else.
    """

    isolation: Callable[[], Isolation]
    control: Control
    snapshotter: Snapshotter
    maker: LayerMaker
    resolver: Resolver
    tell: Tell
    network: str = "default"
    insecure: bool = False
    arguments: Mapping[str, str] = {}
    hosts: tuple[tuple[str, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    shm_bytes: int = SHM_BYTES
    one_id: bool = False
    failed: Failed | None = None

    def prepare(self, situation: Situation) -> _Prepared:
        """Return a RUN, ready to be looked up. Raises `MalformedError` or `UsageError` for what it asks for in vain."""
        return _Prepared(self, situation)


def check(step: Step, *, insecure: bool) -> None:
    """Look at what a RUN asks for with its flags, before anything is done. insecure: whether it may ask for all rights.

    Raises `MalformedError` or `UsageError`, about the line, for what it asks for in vain.
    """
    try:
        _asked(step, "/", insecure=insecure)
    except LadingError as error:
        place(error, step.line)
        raise


class _Asked(msgspec.Struct, frozen=True):
    """What the flags of a RUN ask for. network: empty where they do not say."""

    network: str
    security: str
    mounts: tuple[RunMount, ...]


def _asked(step: Step, directory: str, *, insecure: bool) -> _Asked:
    instruction = step.instruction
    assert isinstance(instruction, Run)
    network = _choice(step, instruction, "network", _NETWORKS)
    security = _choice(step, instruction, "security", _SECURITIES) or _SECURITIES[0]
    if security == "insecure" and not insecure:
        raise UsageError("RUN --security=insecure is not allowed", hint="allow it: --allow security.insecure")
    if instruction.flag("device"):
        raise MalformedError("RUN --device is not supported: there is no device manager (CDI) here")
    found: list[RunMount] = []
    for flag in instruction.flags:
        if flag.name == "mount":
            number = sum(isinstance(mount, Ssh) for mount in found)
            found.append(run_mounts.read(step.words.flag(flag), directory, step.sources, number))
    return _Asked(network, security, tuple(found))


def _choice(step: Step, instruction: Run, name: str, known: tuple[str, ...]) -> str:
    flag = instruction.flag(name)
    value = step.words.flag(flag) if flag else ""
    if value and value not in known:
        raise MalformedError(f"--{name} is one of {', '.join(known)}, not {value[:80]!r}")
    return value


def shell(spec: RunSpec) -> RunSpec:
    """Return what opens a shell for a person in the state that a failed command has left."""
    work = Path(spec.work).with_name("shell")
    work.mkdir()
    return msgspec.structs.replace(spec, argv=("/bin/sh",), work=str(work), stdin=None, terminal=True)


class _Prepared:
    """A RUN whose turn has come."""

    def __init__(self, runner: Runner, situation: Situation) -> None:
        instruction = situation.step.instruction
        assert isinstance(instruction, Run)
        self._runner = runner
        self._situation = situation
        self._state: State = situation.state
        self._command: RunCommand = run_command.command(instruction, self._state)
        asked = _asked(situation.step, self._state.directory, insecure=runner.insecure)
        self._network = asked.network or runner.network
        self._security = asked.security
        self._mounts = asked.mounts
        self.key = self._key()
        self.lasts = True

    @property
    def told(self) -> str:
        """How the history has it: build arguments first, as Docker does."""
        given = [f"{name}={value}" for name, value in sorted(self._situation.step.arguments.items())]
        prefix = f"|{len(given)} {' '.join(given)} " if given else ""
        return f"RUN {prefix}{self._command.told}"

    def make(self) -> LayerRef | None:
        """Run it, and return the layer of what it has changed."""
        runner, chain = self._runner, self._situation.chain
        isolation = runner.isolation()
        with runner.snapshotter.scratch() as folder:
            with writing(folder):
                for name in ("work", "files"):
                    (folder / name).mkdir()
            if isolation.overlay == "none":
                return self._flat(isolation, folder)
            lowers = runner.snapshotter.directories(chain.layers)
            tree = runner.snapshotter.tree(chain.layers)
            upper = folder / "files"
            unpack.prepare(upper, tree)
            spec = self._spec(isolation, folder, lowers=tuple(map(str, lowers)), upper=str(upper))
            self._run(spec, isolation)
            layer = runner.maker.make(snapshot.from_upper(upper, tree, lowers))
            if layer is not None:
                runner.snapshotter.adopt((*chain.layers, layer), upper)
            return layer

    def _flat(self, isolation: Isolation, folder: Path) -> LayerRef | None:
        """Run it in one directory with all files, where none can be laid over another."""
        root = folder / "files"
        layers = self._situation.chain.layers
        self._runner.snapshotter.flat(layers, root)
        stamps = snapshot.stamps(root)
        outcome = self._run(self._spec(isolation, folder, root=str(root)), isolation)
        tree = self._runner.snapshotter.tree(layers)
        changes = snapshot.compare(root, tree, stamps, outcome.moved)
        return self._runner.maker.make(changes)

    def _run(self, spec: RunSpec, isolation: Isolation) -> Outcome:
        outcome = run.execute(spec, isolation, output=self._output, control=self._runner.control)
        if self._runner.resolver.is_changed(self._mounts, self._situation):
            self.lasts = False
            self._runner.tell(changed("what it mounts", self._situation.step.line))
        if outcome.killed_by:
            raise StoppedError("the command was stopped")
        if outcome.status:
            if self._runner.failed is not None:
                self._runner.failed(spec, isolation, self._runner.control)
            raise self._failure(outcome)
        return outcome

    def _key(self) -> str:
        read = self._runner.resolver.read(self._mounts, self._situation)
        environment = sorted(self._environment().items())
        return key_of(
            "RUN",
            self._situation.chain.key,
            self._command,
            environment,
            self._state.user,
            self._state.directory,
            [msgspec.to_builtins(mount) for mount in self._mounts],
            read,
            self._network,
            self._security,
            # As with BuildKit, a name counts; its address may be another with each build.
            sorted({name for name, _ in self._runner.hosts}),
            self._runner.one_id,
        )

    def _environment(self) -> dict[str, str]:
        return {**self._situation.step.arguments, **self._state.environment}

    def _spec(
        self,
        isolation: Isolation,
        folder: Path,
        *,
        lowers: tuple[str, ...] = (),
        upper: str = "",
        root: str = "",
    ) -> RunSpec:
        runner = self._runner
        who = runner.resolver.origins.accounts(self._situation.chain).identity(self._state.user)
        proxies = {name: value for name, value in runner.arguments.items() if name in PROXY_ARGUMENTS}
        variables = {"PATH": DEFAULT_PATH, "HOME": who.home, **proxies, **self._environment()}
        mounts: list[run_spec.Mount] = []
        for number, asked in enumerate(self._mounts):
            scratch = folder / f"mount-{number}"
            flat = isolation.overlay == "none"
            mount = runner.resolver.mount(asked, self._situation, variables, scratch, flat=flat)
            if mount is not None:
                mounts.append(mount)
        if self._command.script:
            content = self._command.script.encode("utf-8", "surrogateescape")
            mounts.append(run_spec.File(target=self._command.words[0], content=content, mode=0o755))
        return RunSpec(
            argv=self._command.words,
            lowers=lowers,
            upper=upper,
            root=root,
            work=str(folder / "work"),
            env=variables,
            cwd=self._state.directory,
            uid=who.uid,
            gid=who.gid,
            groups=who.groups,
            hosts=runner.hosts,
            limits=runner.limits,
            shm_bytes=runner.shm_bytes,
            network=self._network,  # type: ignore[arg-type]  # it was checked when it was read
            security=self._security,  # type: ignore[arg-type]  # likewise
            mounts=tuple(mounts),
        )

    def _output(self, text: str) -> None:
        self._runner.tell(Output(self._situation.stage.title, self._situation.number, text))

    def _failure(self, outcome: Outcome) -> LadingError:
        command = " ".join(self._situation.step.text.split())
        shown = command if len(command) <= _SHOWN_CHARS else f"{command[:_SHOWN_CHARS]}…"
        why = f" ({outcome.message})" if outcome.message else ""
        return FailedError(
            f"exit status {outcome.status}{why}: {shown}",
            f"line {self._situation.step.line}",
            "--debug-shell opens a shell in that state",
        )
