from __future__ import annotations

import imaging
import program
from cli import stocked
from lading.build.chain import LayerRef
from lading.build.step_cache import Record, StepCache
from lading.oci.store import Store


def test_nothing_to_do(lading: program.Lading) -> None:
    done = lading("prune")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"0 images without a name, 0 blobs: 0 B freed\n"


def test_images_without_a_name(lading: program.Lading) -> None:
    one = stocked.layout(lading, "one")
    stocked.layout(lading, "two", imaging.tar({"a": b""}))
    stocked.tag(lading, "oci:one", "app")
    stocked.tag(lading, "oci:two", "app")
    done = lading("prune")
    first, second = done.stdout.decode().splitlines()
    assert first == one
    assert second.startswith("1 image without a name, 3 blobs: ")
    assert stocked.names(lading) == ["docker.io/library/app:latest"]
    assert lading("prune", "-q").stdout == b""


def test_what_builds_want_again_stays_until_all_is_asked_for(lading: program.Lading) -> None:
    store = Store(lading.folder / "data" / "images")
    digest = "sha256:" + "1" * 64
    with store.lease():
        path = store.new_blob()
        path.write_bytes(b"1" * 5000)
        store.adopt(path, digest)
    layer = LayerRef(digest=digest, diff_id=digest, size=5000, media_type="x")
    StepCache(lading.folder / "cache" / "build").keep_step("a" * 64, Record(layer, stocked.CREATED))
    assert lading("prune").stdout == b"0 images without a name, 0 blobs: 0 B freed\n"
    assert store.has(digest)
    assert lading("prune", "--all").stdout == b"0 images without a name, 1 blob: 5.0 kB freed\n"
    assert not store.has(digest)


def test_while_images_are_being_added(lading: program.Lading) -> None:
    store = Store(lading.folder / "data" / "images")
    stocked.layout(lading, "one")
    stocked.tag(lading, "oci:one", "app")
    with store.lease():
        done = lading("prune")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"in use" in done.stderr
