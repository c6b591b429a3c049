from __future__ import annotations

import subprocess
import sys

import pytest

from lading.build import limits
from lading.build.run_spec import Isolation, Limit, RunSpec
from lading.errors import UsageError

OWN = Isolation(runtime="crun")
NAMESPACE = Isolation(runtime="crun", user_namespace=True)


@pytest.mark.parametrize(
    ("text", "name", "soft", "hard"),
    [
        ("nofile=1024", "nofile", 1024, 1024),
        ("nofile=1024:2048", "nofile", 1024, 2048),
        ("core=0", "core", 0, 0),
        ("memlock=-1:-1", "memlock", -1, -1),
        ("stack=8388608:unlimited", "stack", 8388608, -1),
    ],
)
def test_limits(text: str, name: str, soft: int, hard: int) -> None:
    assert limits.limit(text) == Limit(name=name, soft=soft, hard=hard)


@pytest.mark.parametrize(
    "text", ["", "nofile", "files=1", "nofile=", "nofile=x", "nofile=2:1", "nofile=1:2:3"]
)
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(UsageError, match="limit"):
        limits.limit(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("1024", 1024), ("64m", 2**26), ("64MB", 2**26), ("1g", 2**30), ("2k", 2048), ("5b", 5)],
)
def test_sizes(text: str, size: int) -> None:
    assert limits.size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "m", "1x", "-1", "1.5g", "1" * 30, "١"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="not a size"):
        limits.size_bytes(text)


def test_processes_are_counted_where_they_can_be() -> None:
    files = Limit(name="nofile", soft=5, hard=6)
    more = Limit(name="nproc", soft=7, hard=7)
    spec = RunSpec(argv=("x",), work="/w", limits=(files,))
    assert limits.wanted(spec, OWN) == [files]
    assert limits.wanted(spec, NAMESPACE) == [files, Limit(name="nproc", soft=4096, hard=4096)]
    assert limits.wanted(RunSpec(argv=("x",), work="/w", limits=(more,)), NAMESPACE) == [more]


_SCRIPT = """
import resource
from lading.build import limits
from lading.build.run_spec import Isolation, Limit, RunSpec
{more}
spec = RunSpec(argv=("x",), work="/w", limits=(Limit(name="nofile", soft={soft}, hard={hard}),))
limits.hold(spec, Isolation(runtime="bwrap"))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def _held(soft: int, hard: int, more: str = "") -> subprocess.CompletedProcess[str]:
    script = _SCRIPT.format(soft=soft, hard=hard, more=more)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_a_process_is_held() -> None:
    assert _held(50, 60).stdout == "(50, 60)\n"


def test_more_than_it_may_have() -> None:
    ordinary = (
        "import os; resource.setrlimit(resource.RLIMIT_NOFILE, (70, 70)); os.geteuid() or os.setuid(65534)"
    )
    assert "more than this process may have: nofile=80:80" in _held(80, 80, ordinary).stderr
