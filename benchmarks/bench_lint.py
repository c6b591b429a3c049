"""A thousand Dockerfiles and a small one linted, beside hadolint and the bare interpreter, in one run.

Needs hadolint (dependency group `test`). Where Lading knows ShellCheck, it is measured without and with it; hadolint
has it built in.
"""

from __future__ import annotations

import compileall
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typical_dockerfiles

import lading

FILES = 1000
PYTHON = sys.executable
LADING = Path(PYTHON).with_name("lading")
WITHOUT_SHELLCHECK = {"LADING_SHELLCHECK": "false"}
# The Dockerfile that everything a linter should see was put into: two stages, fourteen lines.
TANGLED = """\
FROM ubuntu
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y golang-go
COPY app.go .
RUN CGO_ENABLED=0 go build app.go

# runtime stage
FROM alpine:3.12.1
RUN chmod a-w /etc
RUN addgroup -S appgroup && adduser -G appgroup -h /home/appuser
RUN rm -fr /bin/*
COPY --from=0 /app /home/appuser/
USER appuser
CMD ["/home/appuser/app"]
"""


@dataclass(frozen=True)
class Run:
    """What a command took: seconds of the wall clock, and of all processors."""

    wall_s: float
    cpu_s: float


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Run a command in a folder, with its output thrown away; it may have something to object."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        raise SystemExit(
            f"{' '.join(command[:3])} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}"
        )
    return Run(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def best(
    commands: Mapping[str, tuple[list[str], Mapping[str, str]]], folder: Path, times: int
) -> dict[str, Run]:
    """Run each in turn, so often; return the quickest of each: what disturbs a machine only ever adds."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(times):
        for name, (command, environment) in commands.items():
            runs[name].append(run(command, folder, environment))
    return {
        name: Run(min(one.wall_s for one in some), min(one.cpu_s for one in some))
        for name, some in runs.items()
    }


def knows_shellcheck() -> bool:
    shown = subprocess.run([LADING, "lint", "--help"], capture_output=True, text=True, check=True).stdout
    return "shellcheck" in shown and shutil.which("shellcheck", path=str(Path(PYTHON).parent)) is not None


def many(folder: Path, hadolint: str) -> None:
    names = [path.name for path in typical_dockerfiles.write(folder, FILES)]
    lines = sum(len((folder / name).read_text().splitlines()) for name in names)
    commands: dict[str, tuple[list[str], Mapping[str, str]]] = {
        "hadolint": ([hadolint, *names], {}),
        "lading lint": ([str(LADING), "lint", *names], WITHOUT_SHELLCHECK),
    }
    if knows_shellcheck():
        commands["lading lint, with ShellCheck"] = (
            [str(LADING), "lint", *names],
            {"LADING_SHELLCHECK": "true"},
        )
    found = best(commands, folder, 3)
    peer = found["hadolint"]
    print(f"{FILES} Dockerfiles, {lines} lines")
    for name, one in found.items():
        beside = f"  hadolint takes {peer.wall_s / one.wall_s:.1f} times as long" if one is not peer else ""
        print(f"  {name:30} {one.wall_s:7.2f} s  {one.cpu_s:7.2f} s cpu{beside}")
    print("  (wanted: hadolint at least 5 times as long; with ShellCheck, at least as long)")


def single(folder: Path, hadolint: str) -> None:
    (folder / "tangled").mkdir()
    (folder / "tangled/Dockerfile").write_text(TANGLED)
    (folder / "tangled/typical").write_text(next(typical_dockerfiles.texts(1)))
    names = {"typical, 10 lines": "typical", "tangled, 14 lines": "Dockerfile"}
    commands: dict[str, tuple[list[str], Mapping[str, str]]] = {
        "python -c pass": ([PYTHON, "-c", "pass"], {})
    }
    for label, name in names.items():
        commands[f"lading lint ({label})"] = ([str(LADING), "lint", name], WITHOUT_SHELLCHECK)
    commands["lading --version"] = ([str(LADING), "--version"], {})
    commands["hadolint (typical)"] = ([hadolint, "typical"], {})
    found = best(commands, folder / "tangled", 25)
    start = found["python -c pass"]
    print("one file")
    for name, one in found.items():
        ratio = f"{one.wall_s / start.wall_s:5.2f} times, {one.cpu_s / start.cpu_s:5.2f} of processors"
        print(f"  {name:34} {one.wall_s * 1000:7.1f} ms  {one.cpu_s * 1000:7.1f} ms cpu  {ratio}")
    print("  (wanted: lading lint under 5 times python -c pass)")


def main() -> None:
    """Print the figures."""
    hadolint = shutil.which("hadolint", path=str(Path(PYTHON).parent)) or shutil.which("hadolint")
    if hadolint is None:
        raise SystemExit("hadolint is not there: install the dependency group `test`")
    # An installed package has its modules compiled; the tree of a developer has some that changed since.
    compileall.compile_dir(str(Path(lading.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        many(Path(folder), hadolint)
        single(Path(folder), hadolint)


if __name__ == "__main__":
    main()
