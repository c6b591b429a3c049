from __future__ import annotations

import pytest

import imaging
import needs
import program
import registries
from cli import stocked


def test_an_import_and_more_names(lading: program.Lading) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made:latest", "app:1")
    stocked.tag(lading, "app:1", "app:2", "quay.io/x/app")
    stocked.tag(lading, digest[7:17], "app:3")
    assert stocked.names(lading) == [
        "docker.io/library/app:1", "docker.io/library/app:2", "docker.io/library/app:3", "quay.io/x/app:latest",
    ]  # fmt: skip
    assert {image["digest"] for image in stocked.images(lading)} == {digest}


def test_a_name_moves(lading: program.Lading) -> None:
    one, two = stocked.layout(lading, "one"), stocked.layout(lading, "two", imaging.tar({"a": b""}))
    stocked.tag(lading, "oci:one", "app")
    stocked.tag(lading, "oci:two", "app")
    assert {image["name"]: image["digest"] for image in stocked.images(lading)} == {
        "": one, "docker.io/library/app:latest": two,
    }  # fmt: skip


def test_all_platforms_or_one(lading: program.Lading) -> None:
    for architecture in ("amd64", "riscv64"):
        stocked.layout(lading, architecture, architecture=architecture)
        stocked.tag(lading, f"oci:{architecture}", "app")
    stocked.tag(lading, "app", "both")
    done = lading("tag", "app", "one", "--platform", "linux/riscv64")
    assert done.returncode == 0
    assert [image["platform"] for image in stocked.images(lading, "both")] == ["linux/amd64", "linux/riscv64"]
    assert [image["platform"] for image in stocked.images(lading, "one")] == ["linux/riscv64"]
    done = lading("tag", "app", "none", "--platform", "linux/mips")
    assert (done.returncode, b"there is linux/amd64, linux/riscv64" in done.stderr) == (3, True)


@needs.tool("skopeo")
@pytest.mark.parametrize("form", ["oci-archive", "docker-archive", "dir"])
def test_what_skopeo_wrote(lading: program.Lading, form: str) -> None:
    stocked.layout(lading, "made")
    registries.skopeo("copy", "-q", f"oci:{lading.folder}/made:latest", f"{form}:{lading.folder}/copy")
    stocked.tag(lading, f"{form}:copy", "app")
    stocked.tag(lading, "./copy", "again")
    (app, again) = stocked.images(lading)
    assert app["digest"] == again["digest"]
    assert app["tar_bytes"] == len(stocked.BASE)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("oci:made", "Upper"), 3, "'Upper' must be in lower case"),
        (("oci:made", "app", "a b"), 3, "not an image reference"),
        (("oci:nothing", "app"), 3, "there is no OCI image layout"),
        (("rootfs:made", "app"), 2, "a directory is not an image"),
        (("sbom:made/index.json", "app"), 2, "is no image"),
        (("made",), 2, "required: NAME"),
        (("127.0.0.1:9/nothing", "app"), 3, "127.0.0.1:9"),
    ],
)
def test_wrong(lading: program.Lading, arguments: tuple[str, ...], status: int, message: str) -> None:
    stocked.layout(lading, "made")
    done = lading("tag", *arguments)
    assert (done.returncode, done.stdout) == (status, b"")
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert stocked.images(lading) == []


def test_a_scan_finds_the_name_in_the_store(lading: program.Lading) -> None:
    stocked.tag(lading, "oci:image", "app:1")
    direct, named = (lading("scan", target, "-f", "json") for target in ("oci:image", "app:1"))
    assert (named.returncode, named.stderr) == (0, b"")
    assert named.stdout == direct.stdout.replace(b'"oci:image"', b'"app:1"')
