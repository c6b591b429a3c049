"""Starting a command by an OCI runtime of the system, crun or runc, and reading what it says of its own."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path

import msgspec

from lading.build import sockets
from lading.build.children import Children, start
from lading.build.mounts import Mounted
from lading.build.program import NOT_FOUND, NOT_RUNNABLE
from lading.build.run_spec import Isolation, Outcome, RunSpec
from lading.build.runtime_config import config
from lading.errors import UnavailableError

_NAME = "lading"
# In the bundle, which is where a runtime is at work: a whole path can be too long for a socket.
_CONSOLE = "console"
_MISSING = re.compile(r"not found|no such file or directory", re.IGNORECASE)
_BARRED = re.compile(
    r"permission denied|operation not permitted|exec format error|is a directory", re.IGNORECASE
)
_OF_THE_PROGRAM = re.compile(r"\bexec(utable|ve)?\b")
_MAX_LOG_BYTES = 1 << 20


class OciRuntime:
    """A bundle at a place, and the runtime that runs it.

    console: a line through which the outer side of the command's terminal is sent; None for no terminal.
    """

    def __init__(self, bundle: Path, isolation: Isolation, console: int | None) -> None:
        self._bundle = bundle
        self._isolation = isolation
        self._console = console

    def run(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> Outcome:
        """Run a command to its end."""
        words = self._command(spec, root, mounted)
        if self._console is None:
            return self._outcome(self._run(words))
        with sockets.listen(self._bundle / _CONSOLE, 1) as listening:
            return self._outcome(self._run(words, listening))

    def _command(self, spec: RunSpec, root: Path, mounted: list[Mounted]) -> list[str]:
        """Write the configuration; return the words that start the command.

        Raises `UnavailableError` for a user that there is no id for.
        """
        if self._isolation.runtime == "runc" and self._isolation.one_id and (spec.uid or spec.gid):
            raise UnavailableError(
                f"runc cannot run the user {spec.uid}:{spec.gid}, since there is one id alone",
                hint="have ids in /etc/subuid and /etc/subgid, and the programs newuidmap and newgidmap; or install crun",
            )
        written = config(spec, self._isolation, str(root), mounted)
        (self._bundle / "config.json").write_bytes(msgspec.json.encode(written))
        words = [self._isolation.program, "--root", str(self._bundle / "state")]
        words += ["--log", str(self._log)]
        if self._isolation.runtime == "crun":
            words += ["--cgroup-manager", "disabled"]
        else:
            words += ["--log-format", "json"]
        words += ["run", "--bundle", str(self._bundle), "--pid-file", str(self._pid_file)]
        if self._console is not None:
            words += ["--console-socket", _CONSOLE]
        # Left alone by the runtime, the command is ours to wait for, and has our outputs themselves: runc
        # would copy both, each when it gets to it, and crun end before it has copied all that a terminal shows.
        return [*words, "--detach", _NAME]

    def _run(self, words: list[str], listening: sockets.Listening | None = None) -> int:
        """Run the command to its end; return its status, or that of the runtime if it did not begin."""
        children = Children(self.target)
        status = children.wait(start(words))
        if status != 0:
            return status
        if listening is not None:
            self._hand_over(listening)
        process = self.target()
        if process is None:
            raise UnavailableError(f"{self._isolation.runtime} does not say which process the command is")
        try:
            return children.wait(process)
        finally:
            # Its control groups, which outlive this place.
            children.wait(start([*words[: words.index("run")], "delete", "--force", _NAME]))

    def _hand_over(self, listening: sockets.Listening) -> None:
        """Pass on the outer side of the terminal, which the runtime has sent before it ended."""
        terminal = sockets.received(listening)
        if terminal is None or self._console is None:
            raise UnavailableError(f"{self._isolation.runtime} has made no terminal")
        sockets.send(self._console, terminal)
        os.close(terminal)

    def target(self) -> int | None:
        """Return the process of the command; None before there is one."""
        with suppress(OSError, ValueError):
            return int(self._pid_file.read_text("ascii"))
        return None

    def _outcome(self, status: int) -> Outcome:
        """Return how the command ended. status: that of the runtime.

        Raises `UnavailableError` where the runtime could not start it, for reasons of its own.
        """
        said = self._said()
        if not said or self.target() is not None:
            return Outcome(status=status)
        if _OF_THE_PROGRAM.search(said) and _MISSING.search(said):
            return Outcome(status=NOT_FOUND, message=said)
        if _OF_THE_PROGRAM.search(said) and _BARRED.search(said):
            return Outcome(status=NOT_RUNNABLE, message=said)
        raise UnavailableError(f"{self._isolation.runtime} could not start the command: {said}")

    @property
    def _log(self) -> Path:
        return self._bundle / "log"

    @property
    def _pid_file(self) -> Path:
        return self._bundle / "pid"

    def _said(self) -> str:
        """Return the last error that the runtime logged, in one line."""
        try:
            with self._log.open("rb") as file:
                lines = file.read(_MAX_LOG_BYTES).decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return ""
        for line in reversed(lines):
            if not line.startswith("{"):
                return " ".join(line.split())  # crun's: the words alone, and all of them errors
            entry = json.loads(line)
            if entry.get("level") in {"error", "fatal"}:
                return " ".join(str(entry.get("msg", "")).split())
        return ""
