from __future__ import annotations

import dataclasses
import gzip
import os
from pathlib import Path

import pytest

import imaging
from lading import net
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError
from lading.oci.image import Platform
from lading.oci.open import Access, open_image, recognise, recognise_image
from lading.oci.store import Store


def access() -> Access:
    return Access(client=lambda: net.client(retries=0))


@pytest.fixture
def places(tmp_path: Path) -> Path:
    imaging.write_layout(tmp_path / "layout", [imaging.tar({"a": b"1"})])
    (tmp_path / "folder").mkdir()
    (tmp_path / "image.bin").write_bytes(imaging.tar({"manifest.json": b"[]"}))
    (tmp_path / "image.gz").write_bytes(gzip.compress(b"x"))
    (tmp_path / "sbom.txt").write_bytes(b'\xef\xbb\xbf \n{"bomFormat": "CycloneDX"}')
    (tmp_path / "tag.value").write_bytes(b"SPDXVersion: SPDX-2.3\n")
    (tmp_path / "bom.xml").write_bytes(b"<?xml version='1.0'?><bom/>")
    (tmp_path / "other").write_bytes(b"#!/bin/sh\n")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("layout", "oci:layout"),
        ("image.gz", "docker-archive:image.gz"),
        ("folder", "folder"),  # a name: a directory of sources may be called like the image made of them
        ("other", "other"),
        ("sbom.txt", "sbom.txt"),
        ("./layout", "oci:./layout"),
        ("oci:folder", "oci:folder"),
    ],
)
def test_what_is_no_image_is_no_rival_to_a_name(
    places: Path, monkeypatch: pytest.MonkeyPatch, text: str, shown: str
) -> None:
    monkeypatch.chdir(places)
    assert str(recognise_image(text)) == shown


@pytest.mark.parametrize("text", ["./folder", "./sbom.txt"])
def test_a_path_to_what_is_no_image(places: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(places)
    with pytest.raises(UsageError, match="is no image"):
        recognise_image(text)


@pytest.mark.parametrize(
    ("name", "transport"),
    [
        ("layout", "oci"), ("folder", "rootfs"), ("image.bin", "docker-archive"), ("image.gz", "docker-archive"),
        ("sbom.txt", "sbom"), ("tag.value", "sbom"), ("bom.xml", "sbom"),
    ],
)  # fmt: skip
def test_a_path_is_told_by_its_content(places: Path, name: str, transport: str) -> None:
    assert recognise(str(places / name)).transport == transport


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alpine", "alpine"), ("localhost:5000/a/b:1", "localhost:5000/a/b:1"), ("docker://alpine", "docker://alpine"),
        ("oci:x:y", "oci:x:y"), ("docker-daemon:a:1", "docker-daemon:a:1"),
    ],
)  # fmt: skip
def test_names(text: str, shown: str) -> None:
    assert str(recognise(text)) == shown


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("./nowhere", UnavailableError, "no such file or directory"),
        ("nowhere.tar.gz", UnavailableError, "no such file or directory"),
        ("ftp://x/y", UsageError, "no transport is called 'ftp'"),
        ("", UsageError, "no target is named"),
        ("oci:", UsageError, "nothing is named behind oci:"),
    ],
)
def test_what_names_nothing(text: str, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        recognise(text)


def test_a_file_that_is_neither(places: Path) -> None:
    with pytest.raises(UsageError, match="neither an image archive nor an SBOM"):
        recognise(str(places / "other"))


def test_a_directory_of_skopeos_is_no_root_file_system(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "version").write_text("1.0")
    assert recognise(str(tmp_path)).transport == "rootfs"
    (tmp_path / "version").write_text("Directory Transport Version: 1.1\n")
    assert recognise(str(tmp_path)).transport == "dir"


def test_a_pipe_is_not_read_to_be_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a file nor a directory") as caught:
        recognise(str(tmp_path / "pipe"))
    assert "docker-archive:PATH" in caught.value.hint


def test_open(places: Path) -> None:
    for text in (str(places / "layout"), f"oci:{places}/layout", f"oci:{places}/layout:test"):
        assert open_image(recognise(text), access()).digest
    assert open_image(recognise(str(places / "folder")), access()).layers[0].directory
    with pytest.raises(UnavailableError, match="no OCI image layout"):
        open_image(recognise(f"oci:{places}/folder"), access())
    with pytest.raises(UsageError, match="is no image"):
        open_image(recognise(str(places / "sbom.txt")), access())


def test_the_only_image_is_not_for_the_platform_asked_for(places: Path) -> None:
    target = recognise(f"oci:{places}/layout")
    image = open_image(target, access())
    fits = Platform(image.os, image.architecture)
    assert open_image(target, dataclasses.replace(access(), platform=fits)).digest == image.digest
    with pytest.raises(UnavailableError, match="not for linux/mips"):
        open_image(target, dataclasses.replace(access(), platform=Platform("linux", "mips")))


def test_a_path_with_a_colon(tmp_path: Path) -> None:
    imaging.write_layout(tmp_path / "a:b", [imaging.tar({"a": b"1"})])
    assert open_image(recognise(f"oci:{tmp_path}/a:b"), access()).digest


def test_a_registry_that_is_not_there() -> None:
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9"):
        open_image(recognise("docker://127.0.0.1:9/a/b:1"), access())


def test_a_bare_name_is_looked_up_in_the_store_first(places: Path) -> None:
    image = open_image(recognise(str(places / "layout")), access())
    Store(places / "store").put(image, ["127.0.0.1:9/a/b:1"])
    known = dataclasses.replace(access(), store=places / "store")
    for name in ("127.0.0.1:9/a/b:1", image.digest, image.digest[7:20]):
        assert open_image(recognise(name), known).digest == image.digest
    # What the store has not, or not for the platform, is asked for in the registry.
    other = dataclasses.replace(known, platform=Platform("linux", "mips"))
    for name, where in (("127.0.0.1:9/a/b:2", known), ("127.0.0.1:9/a/b:1", other)):
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9") as caught:
            open_image(recognise(name), where)
        assert "local store" in caught.value.hint
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9"):
        open_image(recognise("docker://127.0.0.1:9/a/b:1"), known)


def test_a_store_that_cannot_be_read_is_not_passed_over(places: Path) -> None:
    store = Store(places / "store")
    image = open_image(recognise(str(places / "layout")), access())
    store.put(image, ["127.0.0.1:9/a/b:1"])
    known = dataclasses.replace(access(), store=store.path)
    store.place(image.config_digest).unlink()
    with pytest.raises(UnavailableError, match="no such file") as caught:
        open_image(recognise("127.0.0.1:9/a/b:1"), known)
    assert str(store.path) in caught.value.where
    store.index.write_bytes(b"{")
    with pytest.raises(MalformedError, match=r"index\.json"):
        open_image(recognise("alpine"), known)
    store.index.unlink()
    with pytest.raises(MalformedError, match="not an image reference"):
        open_image(recognise("UPPER"), known)
