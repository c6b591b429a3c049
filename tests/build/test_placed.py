"""The last resort: commands run inside of a container that may neither mount nor make namespaces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import needs
import running
from lading.build.run_spec import Agent, Bind, Cache, File, Isolation, Outcome, RunSpec, Tmpfs, Volume
from running import Runner

PROGRAM = Path(running.__file__).with_name("userns_run.py")


@pytest.fixture(params=[pytest.param(name, marks=needs.tool(name)) for name in ("crun", "runc")])
def outer(request: pytest.FixtureRequest, tmp_path: Path, alpine: Path) -> Runner:
    """An ordinary container; within, the machine's own Python."""
    if not Path("/lib64").exists():
        pytest.skip("this machine's programs are not where this test shows them")
    return running.runner(tmp_path, [alpine], request.param)


def _run(outer: Runner, folder: Path, *specs: RunSpec) -> tuple[Isolation, list[list[Any]]]:
    """Run commands by Lading in the container; return what it found, and outcome and output of each."""
    folder.mkdir(exist_ok=True)
    (folder / "layer.tar").write_bytes(running.alpine_layer())
    (folder / "specs").write_bytes(msgspec.json.encode(specs))
    shown = {Path("/usr"), Path("/lib"), Path("/lib64"), Path(sys.base_prefix), Path(sys.prefix), needs.ROOT}
    shown -= {path for path in shown if any(path != other and path.is_relative_to(other) for other in shown)}
    mounts = [Volume(target=str(path), source=str(path.resolve()), read_only=True) for path in sorted(shown)]
    mounts.append(Volume(target="/work", source=str(folder)))
    ended = outer.words(
        (sys.executable, str(PROGRAM), "/work/layer.tar", "/work", "", "flat"),
        mounts=tuple(mounts), stdin=(folder / "specs").read_bytes(),
        env={**running.ENVIRONMENT, "PYTHONPATH": f"{needs.ROOT}/src"},
    )  # fmt: skip
    assert ended.status == 0, outer.output
    found, *ends = msgspec.json.decode(outer.output)
    return msgspec.convert(found, Isolation), [
        [one[0] if isinstance(one[0], str) else msgspec.convert(one[0], Outcome), *one[1:]] for one in ends
    ]


def _spec(script: str, **more: Any) -> RunSpec:  # noqa: ANN401 -- of RunSpec
    spec = RunSpec(argv=("/bin/sh", "-c", script), work="", env=running.ENVIRONMENT)
    return msgspec.structs.replace(spec, **more)


def test_what_is_found_and_how_commands_end(outer: Runner, tmp_path: Path) -> None:
    isolation, ends = _run(
        outer, tmp_path / "w",
        _spec("id -u; cat /etc/resolv.conf | wc -l; echo gone > /dev/null; ls /dev; pwd", cwd="/made"),
        _spec("id -u; id -g; id -G; touch /etc/no", uid=5, gid=6, groups=(7,)),
        RunSpec(argv=("/no/such",), work="", env=running.ENVIRONMENT),
        _spec("sleep 7654 & sleep 7654 & setsid sleep 7654 & exit 3"),
        _spec("for p in /proc/[0-9]*; do cat $p/cmdline; done | grep -c 7654; kill -9 $$"),
    )  # fmt: skip
    assert (isolation.runtime, isolation.namespaces, isolation.overlay) == ("chroot", False, "none")
    assert (ends[0][0].status, ends[0][1]) == (
        0,
        f"0\n{_resolvers()}\nfull\nnull\nrandom\ntty\nurandom\nzero\n/made\n",
    )
    assert ends[1][0].status != 0
    assert ends[1][1].startswith("5\n6\n6 7\n")
    assert ends[2][0].status == 127
    assert ends[3][0].status == 3
    assert ends[4][0].status == 137
    assert running.processes("sleep\x007654") == []


def _resolvers() -> int:
    return len(Path("/etc/resolv.conf").read_text().splitlines())


def test_mounts_are_laid_and_taken_away(outer: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    (folder / "source/sub").mkdir(parents=True)
    (folder / "source/sub/file").write_text("text")
    (folder / "cache").mkdir()
    (folder / "cache/old").write_text("old")
    mounts = (
        Tmpfs(target="/home"),
        Bind(target="/src", directory="/work/source", source="sub", read_only=False),
        Volume(target="/opt", source="/work/source", read_only=True),
        Cache(target="/var/cache/apk", directory="/work/cache"),
        File(target="/dev/pipes/EOF", content=b"#!/bin/sh\necho script\n", mode=0o755),
    )
    script = (
        "cat /src/file /opt/sub/file /var/cache/apk/old; touch /src/x /home/y; echo new > /var/cache/apk/new;"
        "/dev/pipes/EOF; echo hosts > /etc/hosts; rm -r /opt; mkdir /etc/kept"
    )
    _, ends = _run(outer, folder, _spec(script, mounts=mounts), _spec("find / -xdev | sort; cat /etc/hosts"))
    assert (ends[0][0].status, ends[0][1]) == (0, "texttextoldscript\n")
    assert sorted(path.name for path in (folder / "cache").iterdir()) == ["new", "old"]
    assert sorted(path.name for path in (folder / "source/sub").iterdir()) == ["file"]
    lower = folder / "lower"
    unpacked = tmp_path / "again"
    unpacked.mkdir()
    running.unpack_alpine(unpacked)
    assert set(_listing(lower)) - set(_listing(unpacked)) == {"etc/kept"}
    changed = {name for name, one in _listing(unpacked).items() if _listing(lower).get(name) != one}
    assert changed == {"etc"}, "its time, since the command has made something there"


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    """The times of links are left away, which nobody sets."""
    found = {path: path.lstat() for path in folder.rglob("*") if not path.is_symlink()}
    return {str(path.relative_to(folder)): (one.st_mode, one.st_mtime_ns) for path, one in found.items()}


def test_what_cannot_be_without_mounts(outer: Runner, tmp_path: Path) -> None:
    """A secret above all: it would lie on disk."""
    _, ends = _run(
        outer, tmp_path / "w",
        _spec("true", mounts=(File(target="/run/secret", content=b"geheim"),)),
        _spec("true", mounts=(Volume(target="/v", source="/work"),)),
        _spec("true", mounts=(Agent(target="/a", socket="/work/agent"),)),
        _spec("true", network="none"),
        _spec("true", mounts=(Bind(target="/src", directory="/work", source="nothing"),)),
        _spec("ls -a /run /v /a 2>&1; true"),
    )  # fmt: skip
    said = [end[0] for end in ends[:5]]
    assert said == [
        "/run/secret: a secret cannot be given as a file where nothing can be mounted",
        "/v: a volume cannot be written to where nothing can be mounted",
        "/a: the socket of an agent cannot be given where nothing can be mounted",
        "a command cannot be kept from the network here",
        "/src: there is no 'nothing' to mount",
    ]
    found = subprocess.run(["grep", "-r", "geheim", tmp_path / "w/lower"], capture_output=True, check=False)
    assert found.returncode == 1
    assert "No such file" in ends[5][1]
