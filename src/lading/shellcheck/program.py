"""One run of ShellCheck over many scripts.

Whoever wrote the scripts is not trusted: nested substitutions alone can keep ShellCheck busy for years, so
every run ends after a time that the caller names. No file of the user's changes what is found: neither
`.shellcheckrc` nor `SHELLCHECK_OPTS` counts, and scripts that are sourced are not opened.
"""

from __future__ import annotations

import os
import resource
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lading.errors import LimitError, UnavailableError
from lading.shellcheck.answer import Comment

MAX_OUTPUT_BYTES = 64 * 2**20
EXCLUDED = (1090, 1091, 2187)
"""Codes that hadolint leaves out: files that are sourced cannot be seen, and `ash` is no mistake here."""

_DONE = frozenset({0, 1})  # nothing to say, something to say
_CHUNK_BYTES = 2**16
_GRACE_S = 5
_HINT = "--no-shellcheck goes without it; version 0.7 or newer is needed"


class Program:
    """ShellCheck at a path. environ: its environment, but for what would change its findings."""

    def __init__(self, path: str, environ: Mapping[str, str]) -> None:
        self.path = path
        kept = {name: value for name, value in environ.items() if name != "SHELLCHECK_OPTS"}
        self._environ = {**kept, "LC_ALL": "C.UTF-8"}
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_stopped = False

    def run(self, scripts: Sequence[str], timeout_s: float) -> list[tuple[Comment, ...]]:
        """Return the comments on each script, of which there is at least one. May be called from several threads at once.

        Raises `UnavailableError` if it cannot be started or breaks, `LimitError` if it takes longer or says more
        than it may, `MalformedError` if what it says makes no sense.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="lading-") as folder:
                # A script can name a file beside it: it cannot guess these names.
                stem = Path(folder).name
                paths = [Path(folder, f"{stem}-{number}") for number in range(len(scripts))]
                for path, script in zip(paths, scripts, strict=True):
                    path.write_bytes(script.encode("utf-8", "replace"))
                names = [str(path) for path in paths]
                output = self._output(names, Path(folder, "stderr"), timeout_s)
            from lading.shellcheck.json1 import (
                decoded,
            )  # while ShellCheck was at work, others had the interpreter

            return decoded(output, names)
        except OSError as error:
            raise UnavailableError(f"cannot be run: {error.strerror or error}", self.path, _HINT) from error

    def stop(self) -> None:
        """End what runs, and let nothing start any more."""
        self._is_stopped = True
        for process in tuple(self._running):
            _kill(process)

    def _output(self, names: Sequence[str], errors: Path, timeout_s: float) -> bytes:
        exclude = ",".join(f"SC{code}" for code in EXCLUDED)
        options = ["--norc", "--format=json1", "--severity=style", f"--exclude={exclude}", "--"]
        until = time.monotonic() + timeout_s
        with errors.open("wb") as stderr, self._started([self.path, *options, *names], stderr) as process:
            if process.stdout is None:
                raise AssertionError("a pipe was asked for")
            _limit(process.pid, timeout_s)
            data = _read(process.stdout, until, self.path)
            status = process.wait(_GRACE_S)
        if status not in _DONE:
            told = errors.read_bytes()[:500].decode("utf-8", "replace").strip().splitlines()
            reason = told[0][:200] if told else "and says nothing"
            raise UnavailableError(f"ends with status {status}: {reason}", self.path, _HINT)
        return data

    @contextmanager
    def _started(self, command: list[str], stderr: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command in a session of its own; all of it is gone in the end."""
        if self._is_stopped:
            raise UnavailableError("is not started any more", self.path)
        process = subprocess.Popen(  # noqa: S603 - no shell, and the path is absolute
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=self._environ,
            cwd="/",
            start_new_session=True,
        )
        self._running.add(process)
        try:
            if self._is_stopped:  # in between
                _kill(process)
            yield process
        except subprocess.TimeoutExpired as error:
            raise LimitError("does not end", self.path) from error
        finally:
            _kill(process)
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
            self._running.discard(process)


def _read(stream: IO[bytes], until: float, where: str) -> bytes:
    """Return all of the output, if it ends in time; who still holds the other end then is not waited for."""
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while (left_s := until - time.monotonic()) > 0:
            if not selector.select(left_s):
                continue
            chunk = os.read(stream.fileno(), _CHUNK_BYTES)
            if not chunk:
                return bytes(found)
            found += chunk
            if len(found) > MAX_OUTPUT_BYTES:
                raise LimitError(f"says more than {MAX_OUTPUT_BYTES >> 20} MiB", where)
    raise LimitError("takes too long", where)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _limit(pid: int, timeout_s: float) -> None:
    """Let a process end even if nobody is left to end it."""
    if hasattr(resource, "prlimit"):
        seconds = int(timeout_s) + _GRACE_S
        with suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
