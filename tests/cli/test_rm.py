from __future__ import annotations

import imaging
import program
from cli import stocked
from lading.oci.store import Store


def test_names_and_then_the_image(lading: program.Lading) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "app:1", "app:2", "app:3")
    done = lading("rm", "app:1", "docker.io/library/app:2")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split() == ["docker.io/library/app:1", "docker.io/library/app:2"]
    assert stocked.names(lading) == ["docker.io/library/app:3"]
    assert stocked.blob(lading, digest).exists()
    done = lading("rm", digest[7:19])
    assert done.stdout.decode().split() == ["docker.io/library/app:3"]
    assert b" freed" in done.stderr
    assert not stocked.blob(lading, digest).exists()


def test_shared_layers_stay(lading: program.Lading) -> None:
    stocked.layout(lading, "one")
    stocked.layout(lading, "two", stocked.BASE, imaging.tar({"a": b""}))
    stocked.tag(lading, "oci:one", "one")
    stocked.tag(lading, "oci:two", "two")
    assert lading("rm", "two", "--quiet").stderr == b""
    assert lading("push", "one", "dir:out").returncode == 0


def test_a_digest_with_several_names(lading: program.Lading) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "a", "b")
    done = lading("rm", digest)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"has 2 names" in done.stderr
    assert b"--force" in done.stderr
    assert lading("rm", "--force", digest).stdout.decode().split() == [
        "docker.io/library/a:latest", "docker.io/library/b:latest",
    ]  # fmt: skip


def test_one_that_is_not_there_does_not_keep_the_others(lading: program.Lading) -> None:
    stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "a", "b")
    done = lading("rm", "nothing", "a", "UPPER", "b")
    assert done.returncode == 3
    assert done.stdout.decode().split() == ["docker.io/library/a:latest", "docker.io/library/b:latest"]
    assert b"nothing: there is no such image" in done.stderr
    assert b"UPPER: not an image reference" in done.stderr


def test_while_images_are_being_added(lading: program.Lading) -> None:
    digest = stocked.layout(lading, "made")
    stocked.tag(lading, "oci:made", "a")
    with Store(lading.folder / "data" / "images").lease():
        done = lading("rm", "a")
    assert done.returncode == 0
    assert b"not freed yet" in done.stderr
    assert stocked.images(lading) == []
    assert stocked.blob(lading, digest).exists()
    assert lading("prune").returncode == 0
    assert not stocked.blob(lading, digest).exists()
