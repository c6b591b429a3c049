from __future__ import annotations

import dataclasses
import json

import pytest

import imaging
import program
from cli import stocked
from lading.oci import layout
from lading.oci.image import LINE_ANNOTATION, SOURCE_ANNOTATION, STAGE_ANNOTATION
from lading.oci.store import Store

HISTORY = [
    {"created": "2024-01-01T00:00:00Z", "created_by": "/bin/sh -c #(nop) ADD file:0123456789abcdef0123456789abcdef01 in / "},
    {"created": stocked.CREATED, "created_by": "ENV A=1", "empty_layer": True, "comment": "buildkit"},
    {"created": stocked.CREATED, "created_by": "RUN /bin/sh -c make\tall # buildkit"},
]  # fmt: skip


@pytest.fixture
def shelf(lading: program.Lading) -> program.Lading:
    stocked.layout(lading, "made", stocked.BASE, imaging.tar({"app": b"1"}), history=HISTORY)
    stocked.tag(lading, "oci:made", "app")
    return lading


def test_a_table(shelf: program.Lading) -> None:
    done = shelf("history", "app")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [line.split(maxsplit=7) for line in done.stdout.decode().splitlines()]
    assert lines[0] == ["LAYER", "CREATED", "SIZE", "UNPACKED", "INSTRUCTION"]
    assert lines[1][0] == "2"
    assert lines[1][-1] == "kB  RUN make all"
    assert lines[2] == ["2", "days", "ago", "ENV", "A=1"]
    assert lines[3][-1].endswith("ADD file:0123456 in /")


def test_in_full(shelf: program.Lading) -> None:
    assert "RUN /bin/sh -c make all # buildkit" in shelf("history", "app", "--no-trunc").stdout.decode()


def test_json(shelf: program.Lading) -> None:
    run, env, add = json.loads(shelf("history", "app", "-f", "json").stdout)
    assert (env["comment"], env["created_by"], env["layer"]) == ("buildkit", "ENV A=1", None)
    assert (run["layer"]["number"], add["layer"]["number"]) == (2, 1)
    assert add["layer"]["tar_bytes"] == len(stocked.BASE)
    assert run["layer"]["line"] is run["layer"]["stage"] is None


def test_lines_and_stages(shelf: program.Lading) -> None:
    """What Lading's builder notes at a layer is shown."""
    image = layout.open_image(shelf.folder / "made", "", None, "x")
    manifest = json.loads(image.manifest)
    manifest["layers"][1]["annotations"] = {
        LINE_ANNOTATION: "12", SOURCE_ANNOTATION: "docker/Dockerfile", STAGE_ANNOTATION: "build",
    }  # fmt: skip
    image = dataclasses.replace(image, manifest=json.dumps(manifest).encode())
    Store(shelf.folder / "data" / "images").put(image, ["noted"])
    lines = shelf("history", "noted").stdout.decode().splitlines()
    assert lines[0].split() == ["LAYER", "CREATED", "SIZE", "UNPACKED", "LINE", "STAGE", "INSTRUCTION"]
    assert "docker/Dockerfile:12  build  RUN make all" in lines[1]
    layer = json.loads(shelf("history", "noted", "-f", "json").stdout)[0]["layer"]
    assert (layer["line"], layer["source"], layer["stage"]) == (12, "docker/Dockerfile", "build")


def test_any_target_and_a_hostile_one(lading: program.Lading) -> None:
    stocked.layout(lading, "evil", history=[{"created_by": "RUN \x1b[2J\u202e"}])
    done = lading("history", "oci:evil")
    assert done.returncode == 0
    assert program.CONTROLS.findall(done.stdout) == []
    assert "\\x1b[2J\\u202e" in done.stdout.decode()


def test_what_is_not_there(lading: program.Lading) -> None:
    done = lading("history", "oci:nothing")
    assert (done.returncode, done.stdout) == (3, b"")
