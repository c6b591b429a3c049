"""The configuration for an OCI runtime; that runtimes take it is tested with them (test_run.py)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.build.mounts import Mounted
from lading.build.run_spec import Isolation, Limit, RunSpec
from lading.build.runtime_config import config

SPEC = RunSpec(argv=("/bin/true",), work="/w", env={"A": "b"}, uid=5, gid=6, groups=(7,), cwd="/d")
ROOTLESS = Isolation(runtime="crun", user_namespace=True, one_id=True)
ROOT = Isolation(runtime="crun")


def _made(isolation: Isolation = ROOT, mounted: tuple[Mounted, ...] = (), **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- of RunSpec
    return config(msgspec.structs.replace(SPEC, **more), isolation, "/root", list(mounted))


def test_process() -> None:
    process = _made()["process"]
    assert process["args"] == ["/bin/true"]
    assert process["env"] == ["A=b"]
    assert process["cwd"] == "/d"
    assert process["user"] == {"uid": 5, "gid": 6, "additionalGids": [7], "umask": 0o022}
    assert process["capabilities"]["effective"] == []
    assert _made(uid=0)["process"]["capabilities"]["effective"] != []


def test_mounts_come_after_the_systems_own() -> None:
    found = _made(mounted=(Mounted(target="/dev/x", source="/s/1", read_only=True),))["mounts"]
    assert [one["destination"] for one in found][:2] == ["/proc", "/dev"]
    assert found[-1] == {
        "destination": "/dev/x", "type": "bind", "source": "/s/1", "options": ["rbind", "rprivate", "ro"],
    }  # fmt: skip


@pytest.mark.parametrize(("network", "own"), [("default", False), ("host", False), ("none", True)])
def test_network(network: str, *, own: bool) -> None:
    kinds = [one["type"] for one in _made(network=network)["linux"]["namespaces"]]
    assert ("network" in kinds) is own


def test_insecure_has_no_filter_and_nothing_masked() -> None:
    sandboxed, insecure = _made()["linux"], _made(security="insecure")["linux"]
    assert {"seccomp", "maskedPaths", "readonlyPaths"} <= set(sandboxed)
    assert not {"seccomp", "maskedPaths", "readonlyPaths"} & set(insecure)


def test_what_differs_in_a_user_namespace() -> None:
    found = _made(ROOTLESS)
    by_target = {one["destination"]: one for one in found["mounts"]}
    assert by_target["/sys"]["type"] == "bind"
    assert "gid=5" not in by_target["/dev/pts"]["options"]
    assert found["process"]["rlimits"] == [{"type": "RLIMIT_NPROC", "soft": 4096, "hard": 4096}]


def test_limits_and_shared_memory() -> None:
    found = _made(limits=(Limit(name="nofile", soft=5, hard=-1),), shm_bytes=4096)
    assert found["process"]["rlimits"] == [{"type": "RLIMIT_NOFILE", "soft": 5, "hard": 2**64 - 1}]
    by_target = {one["destination"]: one for one in found["mounts"]}
    assert "size=4096" in by_target["/dev/shm"]["options"]
    assert "size=67108864" in {one["destination"]: one for one in _made()["mounts"]}["/dev/shm"]["options"]


def test_no_two_share_a_cgroup() -> None:
    assert _made()["linux"]["cgroupsPath"] != _made()["linux"]["cgroupsPath"]
