"""Rising lists, and the real comparators behind one line protocol.

An oracle is a process that reads `one<TAB>two` lines and answers each with -1, 0 or 1, or with x
for what it cannot read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent

Rising = Callable[[str], list[list[str]]]
Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]


@pytest.fixture(scope="session")
def rising() -> Rising:
    """Give the lines of `rising/<scheme>.txt`: lists of equal versions, each above the one before."""

    def read(scheme: str) -> list[list[str]]:
        lines = (HERE / "rising" / f"{scheme}.txt").read_text("ascii").splitlines()
        return [line.split(" ") for line in lines if not line.startswith("#")]

    return read


@pytest.fixture(scope="session")
def oracle() -> Iterator[Start]:
    """Give a function that starts an oracle; `{oracles}` in its words is the folder of scripts."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> Compare:
        argv = [word.replace("{oracles}", str(HERE / "oracles")) for word in words]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        started.append(process)

        def compare(one: str, two: str) -> int | None:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{one}\t{two}\n")
            process.stdin.flush()
            answer = process.stdout.readline().strip()
            assert answer, f"{words[0]} ended at {one!r} and {two!r}"
            return None if answer == "x" else int(answer)

        return compare

    yield start
    for process in started:
        process.communicate()


@pytest.fixture(scope="session")
def must_exist() -> Callable[[Path, str], Path]:
    """Give a function that skips (in CI: fails) where a file that a package brings is missing."""

    def check(path: Path, package: str) -> Path:
        if not path.exists():
            reason = f"{path} is missing: install {package}"
            if os.environ.get("LADING_NO_SKIP"):
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return check
