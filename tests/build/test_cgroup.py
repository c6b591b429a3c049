"""Groups that count processes: of either version, as this machine has them, and as files that look like it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lading.build import cgroup

PARENT = cgroup.find()
needs_group = pytest.mark.skipif(
    not PARENT, reason="no group that counts processes can be made on this machine"
)


@needs_group
def test_too_many_are_refused() -> None:
    with cgroup.Group(PARENT, 3) as group:
        script = "read x; for i in 1 2 3 4 5 6; do sleep 20 & done; kill $(jobs -p); wait"
        with subprocess.Popen(
            ["bash", "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            group.add(process.pid)
            _, said = process.communicate(b"go\n")
        assert b"fork" in said
        assert group.refused > 0
        path = next(Path(PARENT).glob("lading-*"))
    assert not path.exists()


@needs_group
def test_what_a_killed_one_left_is_swept_away() -> None:
    stale = Path(PARENT) / "lading-0123456789abcdef"
    stale.mkdir()
    with cgroup.Group(PARENT, 10) as group, subprocess.Popen(["sleep", "20"]) as process:
        group.add(process.pid)
        cgroup.sweep(Path(PARENT))
        assert not stale.exists()
        assert len(list(Path(PARENT).glob("lading-*"))) == 1, "one that is in use stays"
        process.kill()


def test_every_hierarchy_is_swept(tmp_path: Path) -> None:
    """runc, killed, leaves its groups in all of them; one that is new may be about to be used."""
    (tmp_path / "mountinfo").write_text(V1.format(tmp_path))
    (tmp_path / "cgroup").write_text("8:pids:/\n")
    for name in ("pids/lading-old", "cpu/lading-old", "cpu/lading-new", "cpu/other"):
        (tmp_path / name).mkdir(parents=True)
        if name.endswith("old"):
            os.utime(tmp_path / name, (1, 1))
    assert cgroup.find(tmp_path / "mountinfo", tmp_path / "cgroup") == ""
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*"))
    assert left == ["cpu/lading-new", "cpu/other"]


def test_none() -> None:
    with cgroup.Group("", 1) as group:
        group.add(os.getpid())
        assert group.refused == 0


def test_a_machine_that_refuses(tmp_path: Path) -> None:
    with cgroup.Group(str(tmp_path / "nothing"), 1) as group:
        group.add(os.getpid())
        assert group.refused == 0


V1 = "30 20 0:26 / {0}/pids rw,relatime - cgroup cgroup rw,pids\n31 20 0:27 / {0}/cpu rw - cgroup cgroup rw,cpu\n"
V2 = "29 23 0:26 / {0} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
OWN_V2 = "29 23 0:26 /docker/abc {0} ro,nosuid - cgroup2 cgroup rw\n"


@pytest.mark.parametrize(
    ("mounts", "own", "expected"),
    [
        (V1, "8:pids:/user\n7:cpu:/other\n0::/\n", ["pids/user", "pids"]),
        (V1, "8:pids:/\n", ["pids"]),
        (V2, "0::/user.slice/session-1.scope\n", ["user.slice/session-1.scope", ""]),
        (OWN_V2, "0::/docker/abc\n", ["", ""]),
        (OWN_V2, "0::/../elsewhere\n", [""]),
        ("", "", []),
    ],
    ids=["v1", "v1-top", "v2", "container", "outside", "none"],
)
def test_where_groups_may_be_made(tmp_path: Path, mounts: str, own: str, expected: list[str]) -> None:
    (tmp_path / "mountinfo").write_text(mounts.format(tmp_path))
    (tmp_path / "cgroup").write_text(own)
    found = list(cgroup.candidates(tmp_path / "mountinfo", tmp_path / "cgroup"))
    assert found == [tmp_path / name for name in expected]


def test_a_directory_that_is_no_group_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text(V2.format(tmp_path))
    (tmp_path / "cgroup").write_text("0::/\n")
    assert cgroup.find(tmp_path / "mountinfo", tmp_path / "cgroup") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cgroup", "mountinfo"]
