"""`lading build` as people call it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import needs
from cli import stocked
from loopback import Exchange, serve
from program import Lading

pytestmark = [needs.root(), needs.tool("crun")]

REAL = {"SOURCE_DATE_EPOCH": ""}


@pytest.fixture
def build(lading: Lading) -> Lading:
    """Return the program with the real Alpine as `alpine:3.10`, and a context."""
    stocked.tag(lading, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    (lading.folder / "context").mkdir()
    (lading.folder / "context" / "f").write_text("content")
    return lading


def _write(build: Lading, text: str) -> None:
    (build.folder / "context" / "Dockerfile").write_text(text)


def test_an_image_its_names_and_what_made_it(build: Lading) -> None:
    _write(
        build,
        "FROM alpine:3.10 AS one\nRUN echo x > /x\nFROM alpine:3.10\nCOPY --from=one /x /d/\nLABEL a=b\n",
    )
    done = build(
        "build", "-t", "app:1", "-t", "registry.example/app", "--label", "c=d", "context", "--iidfile", "id",
        "--metadata-file", "about.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digest = done.stdout.decode().strip()
    assert (build.folder / "id").read_text() == f"{digest}\n"
    assert json.loads((build.folder / "about.json").read_text())["containerimage.digest"] == digest
    assert stocked.names(build) == [
        "docker.io/library/alpine:3.10",
        "docker.io/library/app:1",
        "registry.example/app:latest",
    ]
    shown = json.loads(build("inspect", "app:1").stdout)
    assert shown["config"]["config"]["Labels"] == {"a": "b", "c": "d"}
    steps = json.loads(build("history", "--format", "json", "app:1").stdout)
    assert [
        (step["layer"]["line"], step["layer"]["stage"])
        for step in steps
        if step["created_by"].startswith("COPY")
    ] == [(4, "1")]
    again = build("build", "-q", "-t", "app:2", "--label", "c=d", "context")
    assert (again.returncode, again.stdout.decode().strip(), again.stderr) == (0, digest, b"")
    afresh = build("build", "--progress", "plain", "--no-cache-filter", "one", "context").stderr.decode()
    assert ("[one 1/1] cached" in afresh, "[1 2/2] cached" in afresh) == (False, True)


def test_progress_is_plain_off_a_terminal(build: Lading) -> None:
    _write(build, "FROM alpine:3.10\nRUN echo told\n")
    done = build("build", "context")
    lines = done.stderr.decode().splitlines()
    assert [line for line in lines if "done in" not in line] == [
        "[0 0/1] FROM alpine:3.10", "[0 1/1] RUN echo told", "[0 1/1] | told",
    ]  # fmt: skip
    events = build("build", "--progress", "json", "context").stderr.decode().splitlines()
    assert [json.loads(event)["type"] for event in events] == ["Begun", "Ended", "Begun", "Ended"]


def test_a_failure(build: Lading) -> None:
    _write(build, "FROM alpine:3.10\nRUN echo told; exit 3\n")
    done = build("build", "context")
    assert done.returncode == 3
    assert done.stdout == b""
    assert done.stderr.decode().splitlines()[-3:] == [
        "[0 1/1] | told",
        "lading: line 2: exit status 3: RUN echo told; exit 3",
        "  --debug-shell opens a shell in that state",
    ]


def test_outputs(build: Lading) -> None:
    _write(build, "FROM scratch\nCOPY f /f\n")
    done = build(
        "build", "-t", "app:1", "context", "-o", "oci:layout:tag", "-o", "docker-archive:app.tar", "-o", "oci-archive:o.tar", "-o", "dir:d",
        "--compression", "zstd:3",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digest = done.stdout.decode().strip()
    for target in ("oci:layout:tag", "oci-archive:o.tar", "dir:d"):
        assert json.loads(build("inspect", target).stdout)["digest"] == digest
    assert build("inspect", "docker-archive:app.tar").returncode == 0
    assert json.loads(build("inspect", "app:1").stdout)["manifest"]["layers"][0]["mediaType"].endswith(
        "tar+zstd"
    )


def test_files_without_the_image(build: Lading) -> None:
    _write(build, "FROM scratch\nCOPY --chown=5:6 f /d/f\n")
    done = build("build", "-o", "out", "-o", "type=tar,dest=o.tar", "--timestamp", "5", "context")
    assert done.returncode == 0, done.stderr
    found = build.folder / "out" / "d" / "f"
    assert (found.read_text(), found.stat().st_uid) == ("content", os.geteuid())
    with tarfile.open(build.folder / "o.tar") as archive:
        assert [(one.name, one.uid, one.mtime) for one in archive] == [("d", 5, 5), ("d/f", 5, 5)]
    alone = build("build", "-q", "-o", "-", "--timestamp", "5", "context").stdout
    assert alone == (build.folder / "o.tar").read_bytes()


def test_the_time_of_everything(build: Lading) -> None:
    _write(build, "FROM scratch\nCOPY f /f\n")
    one = build("build", "--no-cache", "--timestamp", "5", "context", environ=REAL).stdout
    os.utime(build.folder / "context" / "f", (1, 1))
    assert build("build", "--no-cache", "context", environ={"SOURCE_DATE_EPOCH": "5"}).stdout == one
    assert build("build", "--build-arg", "SOURCE_DATE_EPOCH=5", "context", environ=REAL).stdout == one
    assert build("build", "--timestamp", "x", "context").returncode == 2


def test_steps_that_others_have_made(build: Lading, tmp_path_factory: pytest.TempPathFactory) -> None:
    _write(build, "FROM alpine:3.10\nRUN date +%s%N > /x\nCOPY f /f\n")
    first = build("build", "--cache-to", "oci:shared:c", "context")
    assert first.returncode == 0, first.stderr
    other = Lading(tmp_path_factory.mktemp("other"), build.environ)
    stocked.tag(other, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    done = other("build", "--cache-from", f"type=local,src={build.folder}/shared", build.folder / "context")
    assert (done.returncode, done.stdout) == (0, first.stdout)
    assert done.stderr.count(b"cached") == 2
    done = other("build", "--cache-from", "oci:nowhere", build.folder / "context")
    assert done.returncode == 0
    assert b"--cache-from oci:nowhere is not used" in done.stderr


def test_standard_input_may_be_closed(build: Lading) -> None:
    _write(build, "FROM scratch\nCOPY f /f\n")
    done = subprocess.run(
        f"{' '.join(build.command(['build', 'context']))} <&-", shell=True, capture_output=True, cwd=build.folder,
        env=build.environment(), timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout[:7]) == (0, b"sha256:"), done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_on_the_way(build: Lading, number: signal.Signals) -> None:
    _write(build, "FROM alpine:3.10\nRUN echo begun; trap '' TERM INT; sleep 987654\n")
    with build.start("build", "context") as process:
        assert process.stderr is not None
        while b"begun" not in (line := process.stderr.readline()) or b"|" not in line:
            assert line, "it ended"
        process.send_signal(number)
        assert process.wait(30) != 0
    left = b"?"
    for _ in range(100):
        left = subprocess.run(["pgrep", "-f", "sleep 987654"], capture_output=True, check=False).stdout
        if not left:
            break
        time.sleep(0.1)
    assert left == b""
    assert str(build.folder) not in Path("/proc/self/mounts").read_text()
    _write(build, "FROM alpine:3.10\nRUN true\n")
    assert build("build", "context").returncode == 0
    assert list(build.folder.glob("cache/build/files-*/tmp/*")) == []
    assert list(build.folder.glob("data/images/.tmp/*")) == []


class Patient(Lading):
    """A program whose commands may take an hour to end when they are asked to."""

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        code = (
            "import functools; from lading.build import run_step; from lading.cli.main import program\n"
            "run_step.RunSpec = functools.partial(run_step.RunSpec, grace_s=3600.0); program()"
        )
        return [sys.executable, "-c", code, *map(str, arguments)]


@pytest.mark.timeout(180)
def test_interrupted_again_and_again(build: Lading) -> None:
    _write(build, "FROM alpine:3.10\nRUN echo begun; trap '' TERM INT; sleep 987653\n")
    with Patient(build.folder, build.environ).start("build", "context") as process:
        assert process.stderr is not None
        while b"begun" not in (line := process.stderr.readline()) or b"|" not in line:
            assert line, "it ended"
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        # The last interrupt may come when the interpreter has laid down its handlers.
        assert process.wait(10) in {130, -signal.SIGINT}
        assert process.stderr.read() == b"lading: interrupted\n"


def test_interrupted_while_it_scans(build: Lading) -> None:
    """The process that reads the layers goes with it, though it lets the interrupt to the build."""
    _write(build, "FROM alpine:3.10\nCOPY x /x\nRUN echo begun; sleep 987652\n")
    (build.folder / "context" / "x").write_bytes(os.urandom(1000))
    with build.start("build", "--scan", "context") as process:
        assert process.stderr is not None
        while b"begun" not in (line := process.stderr.readline()) or b"|" not in line:
            assert line, "it ended"
        assert len(_at_work(build.folder)) > 1
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read().splitlines()[-1] == b"lading: interrupted"
    assert _at_work(build.folder) == []


def _at_work(folder: Path) -> list[int]:
    """Return the processes that are at work in a folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (one / "cwd").readlink() == folder:
                found.append(int(one.name))
    return found


@pytest.mark.parametrize("line", ["ADD {url}/x /x", "COPY --from={host}/x:1 / /", "ADD {url}/x.git /x"])
@pytest.mark.parametrize("why", ["interrupt", "failure"])
def test_stopped_while_it_waits_for_another_machine(build: Lading, line: str, why: str) -> None:
    asked = threading.Event()

    def answer(exchange: Exchange) -> None:
        asked.set()
        exchange.stall()

    with serve(answer) as served:
        host = served.url.removeprefix("http://")
        text = f"FROM alpine:3.10 AS one\n{line.format(url=served.url, host=host)}\n"
        if why == "failure":
            text += "FROM alpine:3.10 AS two\nRUN sleep 4; exit 7\nFROM one\nCOPY --from=two / /\n"
        _write(build, text)
        with build.start("build", "--jobs", "8", "context") as process:
            assert asked.wait(30)
            if why == "interrupt":
                process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=20)
    assert process.returncode == (130 if why == "interrupt" else 3)
    assert (b"interrupted" if why == "interrupt" else b"line 4: exit status 7") in told
    assert b"Traceback" not in told
    assert list(build.folder.glob("cache/build/fetched/tmp*")) == []


def test_two_of_the_same_at_once(build: Lading) -> None:
    _write(build, "FROM alpine:3.10\nRUN echo x > /x; sleep 0.3\nCOPY f /f\n")
    both = [build.start("build", "-q", "-t", "app", "context") for _ in range(2)]
    for process in both:
        _, told = process.communicate(timeout=100)
        assert (process.returncode, told) == (0, b"")
    assert build("scan", "app", "--offline").returncode == 3
    assert build("history", "app").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], b"nowhere"),
        (["context", "--push"], b"there is no name to push to"),
        (["context", "--cache-to", "type=inline"], b"lading: no cache is 'type=inline'"),
        (["context", "-o", "type=local"], b"type=local needs a place"),
        (["context", "-t", "UPPER"], b"not an image reference"),
        (["context", "-o", "rootfs:x"], b"rootfs: is not written to"),
        (["context", "--target", "x"], b"there is no stage 'x'"),
        (["context", "--no-cache-filter", "x"], b"there is no stage 'x' to carry out anew"),
        (["context", "--compression", "lzma"], b"lzma"),
        (["context", "--platform", "a/b/c/d"], b"--platform: not a platform"),
    ],
)
def test_called_wrongly(build: Lading, arguments: list[str], message: bytes) -> None:
    _write(build, "FROM alpine:3.10\n")
    done = build("build", *arguments)
    assert done.returncode in {2, 3}
    assert message in done.stderr
    assert b"Traceback" not in done.stderr
