from __future__ import annotations

import dataclasses
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imaging
import program
from lading import inventory
from lading.errors import MalformedError, UnavailableError
from lading.inventory.walked import Walked, read_image
from lading.model.fact import Skipped
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.oci.image import Image
from lading.oci.source import Stream

READERS = Dispatch(inventory.READERS)


def wheel(name: str) -> dict[str, bytes]:
    return {f"py/{name}-1.dist-info/METADATA": f"Name: {name}\nVersion: 1\n".encode()}


TREES: list[imaging.Tree] = [wheel(name) for name in ("a", "b", "c", "d", "e")]


def read(image: Image, cache: Path | None, jobs: int = 0) -> Walked:
    with FactCache(cache, READERS.version) as facts:
        return read_image(image, READERS, facts, jobs=jobs)


def names(walked: Walked) -> list[str]:
    return [package.name for package in walked.contents.packages]


def unreadable(image: Image) -> Image:
    def refuse() -> Stream:
        raise UnavailableError("a layer was opened")

    return dataclasses.replace(
        image, layers=tuple(dataclasses.replace(layer, open=refuse) for layer in image.layers)
    )


def test_the_second_scan_reads_no_layer(tmp_path: Path) -> None:
    image = imaging.image(*TREES)
    first = read(image, tmp_path / "facts.sqlite")
    second = read(unreadable(image), tmp_path / "facts.sqlite")
    assert (first.read, second.read) == (5, 0)
    assert dataclasses.replace(first, read=0) == second
    assert names(second) == ["a", "b", "c", "d", "e"]


def test_what_is_read_through_links_is_kept_too(tmp_path: Path) -> None:
    status = b"Package: a\nStatus: install ok installed\nVersion: 1\n"
    image = imaging.image({"var/lib/dpkg": ("->", "/data"), "data/status": status}, {"x": b""})
    first = read(image, tmp_path / "facts.sqlite")
    assert (first.read, names(first)) == (3, ["a"])
    second = read(unreadable(image), tmp_path / "facts.sqlite")
    assert dataclasses.replace(first, read=0) == second


def test_only_layers_that_are_new_are_read(tmp_path: Path) -> None:
    read(imaging.image(*TREES[:3]), tmp_path / "facts.sqlite")
    known: list[tuple[int, bool]] = []
    with FactCache(tmp_path / "facts.sqlite", READERS.version) as facts:
        walked = read_image(imaging.image(*TREES), READERS, facts, progress=lambda *one: known.append(one))
    assert walked.read == 2
    assert sorted(known) == [(0, True), (1, True), (2, True), (3, False), (4, False)]


def test_other_readers_read_again(tmp_path: Path) -> None:
    image = imaging.image(*TREES)
    read(image, tmp_path / "facts.sqlite")
    changed = Dispatch([dataclasses.replace(READERS.readers[0], version=99), *READERS.readers[1:]])
    with FactCache(tmp_path / "facts.sqlite", changed.version) as facts:
        assert read_image(image, changed, facts).read == 5


def test_one_layer_or_four_at_once_and_with_or_without_cache(tmp_path: Path) -> None:
    image = imaging.image(*TREES, {"py/.wh.a-1.dist-info": b"", "py/broken.dist-info/METADATA": b"\xff"})
    found = [read(image, cache, jobs=jobs) for cache in (None, tmp_path / "x") for jobs in (1, 4)]
    assert dataclasses.replace(found[3], read=6) == found[0] == found[1] == found[2]
    assert [item.path for item in found[0].skipped] == ["py/broken.dist-info/METADATA"]


def test_two_scans_at_once_in_two_processes(tmp_path: Path) -> None:
    run = program.Lading(tmp_path)
    imaging.write_layout(tmp_path / "image", [imaging.tar(tree) for tree in TREES])
    both = [run.start("sbom", "oci:image", "-f", "json") for _ in range(2)]
    outputs = {process.communicate(timeout=60) for process in both}
    assert [process.returncode for process in both] == [0, 0]
    ((report, messages),) = outputs
    assert messages == b""
    assert [one["name"] for one in json.loads(report)["packages"]] == ["a", "b", "c", "d", "e"]


def test_a_scan_does_not_wait_for_another(tmp_path: Path) -> None:
    image = imaging.image(*TREES)
    go_on = threading.Event()

    def slow() -> Stream:
        assert go_on.wait(60)
        return io.BytesIO(imaging.tar(TREES[4]))

    stuck = dataclasses.replace(
        image, layers=(*image.layers[:4], dataclasses.replace(image.layers[4], open=slow))
    )
    with ThreadPoolExecutor(1) as pool:
        try:
            waiting = pool.submit(read, stuck, tmp_path / "facts.sqlite")
            assert names(read(image, tmp_path / "facts.sqlite")) == ["a", "b", "c", "d", "e"]
            assert not waiting.done()
        finally:
            go_on.set()
        assert names(waiting.result(60)) == ["a", "b", "c", "d", "e"]


def missing() -> Stream:
    raise UnavailableError("there is no such blob", "blobs/sha256/x")


def test_a_foreign_layer_that_is_not_there(tmp_path: Path) -> None:
    image = imaging.image(*TREES[:2])
    foreign = dataclasses.replace(image.layers[0], open=missing, foreign=True)
    walked = read(dataclasses.replace(image, layers=(foreign, image.layers[1])), tmp_path / "facts.sqlite")
    assert names(walked) == ["b"]
    assert walked.skipped == (
        Skipped(
            "foreign",
            foreign.digest,
            "foreign layer, not distributed with the image: there is no such blob",
            foreign.diff_id,
        ),
    )
    # It may be there next time, and is not kept as an empty one.
    assert names(read(image, tmp_path / "facts.sqlite")) == ["a", "b"]


@pytest.mark.parametrize("jobs", [1, 4])
def test_any_other_layer_that_is_not_there(jobs: int) -> None:
    image = imaging.image(*TREES)
    layers = tuple(dataclasses.replace(layer, open=missing) for layer in image.layers)
    with pytest.raises(UnavailableError, match="no such blob"):
        read(dataclasses.replace(image, layers=layers), None, jobs=jobs)


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_damaged_layer_among_good_ones(jobs: int, tmp_path: Path) -> None:
    image = imaging.image(*TREES)
    damaged = dataclasses.replace(image.layers[3], open=imaging.opener(imaging.tar({"x": b"y"})))
    layers = (*image.layers[:3], damaged, image.layers[4])
    with pytest.raises(MalformedError, match="content is sha256"):
        read(dataclasses.replace(image, layers=layers), tmp_path / "facts.sqlite", jobs=jobs)
    assert names(read(image, tmp_path / "facts.sqlite")) == ["a", "b", "c", "d", "e"]


def test_a_directory_is_not_kept(tmp_path: Path) -> None:
    from lading.oci import rootfs

    (tmp_path / "root/py/a-1.dist-info").mkdir(parents=True)
    (tmp_path / "root/py/a-1.dist-info/METADATA").write_bytes(b"Name: a\nVersion: 1\n")
    image = rootfs.open_image(tmp_path / "root", "rootfs:root")
    assert [read(image, tmp_path / "facts.sqlite").read for _ in range(2)] == [1, 1]


def test_an_image_without_layers() -> None:
    walked = read(imaging.image(), None)
    assert (walked.contents.packages, walked.contents.os, walked.read) == ((), None, 0)
