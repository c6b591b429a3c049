"""The example of `examples/hello`: one program, and what its image weighs and exposes in three forms."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import needs
from program import Lading

HELLO = needs.ROOT / "examples" / "hello"
FORMS = {"single": "Dockerfile.single", "two-stages": "Dockerfile.two-stages", "hardened": "Dockerfile"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Lading:
    """Return the program with a Debian as `ubuntu`, the real Alpine, and all three forms built."""
    lading = Lading(tmp_path_factory.mktemp("hello"))
    base = lading.folder / "base"
    base.mkdir()
    shutil.copy(needs.big_images() / "debian.tar", base / "debian.tar")
    (base / "Dockerfile").write_text('FROM scratch\nADD debian.tar /\nCMD ["/bin/bash"]\n')
    real = {"SOURCE_DATE_EPOCH": ""}
    assert lading("build", "-q", "-t", "ubuntu", "base", environ=real).returncode == 0
    alpine = f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}"
    assert lading("tag", alpine, "alpine:3.12.1").returncode == 0
    for tag, file in FORMS.items():
        done = lading("build", "-t", f"hello:{tag}", "-f", HELLO / file, HELLO, environ=real)
        if b"Failed to fetch" in done.stderr or b"Temporary failure resolving" in done.stderr:
            needs.missing("Debian's packages cannot be reached")
        assert done.returncode == 0, done.stderr.decode()[-3000:]
    return lading


@pytest.mark.big
@needs.root()
@needs.tool("crun")
def test_three_forms_side_by_side(built: Lading) -> None:
    listed = {one["name"]: one for one in json.loads(built("images", "--format", "json").stdout)}
    sizes = {tag: listed[f"docker.io/library/hello:{tag}"]["bytes"] for tag in FORMS}
    assert sizes["single"] > 300_000_000
    assert sizes["two-stages"] < 8_500_000
    assert sizes["hardened"] < 8_500_000
    # Stages and steps that the forms share were carried out once.
    layers = [_layers(built, tag) for tag in FORMS]
    assert layers[1][0] == layers[2][0]


def _layers(built: Lading, tag: str) -> list[str]:
    document = json.loads(built("inspect", f"hello:{tag}").stdout)
    return [layer["digest"] for layer in document["manifest"]["layers"]]


@pytest.mark.big
@needs.root()
@needs.tool("crun", "go")
def test_the_hardened_form_gives_nothing_away(built: Lading) -> None:
    with built.start("run", "hello:hardened") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"user appuser, id ")
        process.terminate()
        process.wait(30)
    for shell in ("/bin/sh", "/bin/busybox", "sh"):
        assert built("run", "hello:hardened", shell, "-c", "true").returncode == 127
    shown = built("history", "hello:hardened").stdout.decode()
    assert "Dockerfile:" in shown
    assert "chmod a-w /etc" in shown
    # Its user cannot write /etc: nobody may.
    writes = ["-v", f"{_writer(built.folder)}:/writer:ro"]
    done = built("run", *writes, "hello:hardened", "/writer")
    assert (done.returncode, done.stdout) == (1, b"denied\n")


def _writer(folder: Path) -> Path:
    """Return a static program that tries to make a file in /etc."""
    source = folder / "writer.go"
    source.write_text(
        'package main\nimport ("fmt"; "os")\nfunc main() {\n'
        '  if _, err := os.Create("/etc/x"); err != nil { fmt.Println("denied"); os.Exit(1) }\n}\n'
    )
    target = folder / "writer"
    environ = {**os.environ, "CGO_ENABLED": "0", "GOCACHE": str(folder / "go"), "GO111MODULE": "off"}
    subprocess.run(["go", "build", "-o", target, source], check=True, env=environ, cwd=folder)
    return target
