from __future__ import annotations

import json

import pytest

import imaging
from lading.errors import LadingError, LimitError, MalformedError, UnavailableError
from lading.oci import digest as digests
from lading.oci import image as images
from lading.oci.image import Descriptor, Image, Platform, choose_platform, image_from_manifest, parse_platform

DIFF = "sha256:" + "a" * 64
BLOB = "sha256:" + "b" * 64
LAYER = {"mediaType": images.OCI_LAYER + "+gzip", "digest": BLOB, "size": 3}


def make(config: object, layers: list[dict[str, object]] | None = None, **manifest: object) -> Image:
    raw = config if isinstance(config, bytes) else json.dumps(config).encode()
    described = {"mediaType": images.OCI_CONFIG, "digest": digests.of(raw), "size": len(raw)}
    document = {
        "schemaVersion": 2,
        "config": described,
        "layers": [LAYER] if layers is None else layers,
        **manifest,
    }
    return image_from_manifest("test", json.dumps(document).encode(), "", lambda _: imaging.opener(raw)())


def config(**changes: object) -> dict[str, object]:
    return {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [DIFF]},
        **changes,
    }


def test_an_image() -> None:
    notes = {images.LINE_ANNOTATION: "12", images.SOURCE_ANNOTATION: "app/Dockerfile"}
    history = [
        {"created_by": "ENV x", "empty_layer": True},
        {"created_by": "RUN y", "created": "2024-01-01T00:00:00Z"},
    ]
    image = make(config(history=history, config={"Labels": {"a": "b"}}), [{**LAYER, "annotations": notes}])
    [layer] = image.layers
    assert (layer.digest, layer.diff_id, layer.size, layer.created_by, layer.created) == (
        BLOB, DIFF, 3, "RUN y", "2024-01-01T00:00:00Z",
    )  # fmt: skip
    assert (layer.line, layer.source, layer.foreign) == (12, "app/Dockerfile", False)
    assert (image.os, image.architecture, image.labels) == ("linux", "amd64", {"a": "b"})


@pytest.mark.parametrize("history", [None, [], [{"created_by": "only"}, {"created_by": "too many"}]])
def test_a_history_that_does_not_fit_says_nothing(history: object) -> None:
    assert make(config(history=history)).layers[0].created_by == ""


def test_nulls_are_taken_as_nothing() -> None:
    document = config(os=None, created=None, history=[{"created_by": None}], config={"Labels": None})
    assert make(document).layers[0].created_by == ""


@pytest.mark.parametrize("media_type", [
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
])  # fmt: skip
def test_foreign_layers(media_type: str) -> None:
    assert (
        make(config(), [{**LAYER, "mediaType": media_type, "urls": ["https://x.example/y"]}])
        .layers[0]
        .foreign
    )


@pytest.mark.parametrize("line", ["x", "-1", "1e5", "\u0661", "9" * 30, ""])
def test_a_line_that_is_none(line: str) -> None:
    assert make(config(), [{**LAYER, "annotations": {images.LINE_ANNOTATION: line}}]).layers[0].line == 0


@pytest.mark.parametrize(
    ("document", "layers", "message"),
    [
        (config(rootfs={"diff_ids": []}), None, "has 1 layers, the config 0"),
        (config(rootfs=None), None, "has 1 layers, the config 0"),
        (config(rootfs={"diff_ids": ["sha256:short"]}), None, "not a sha256"),
        (b"not json", None, "not an image config"),
        (b"[" * 100_000, None, "not an image config"),
        (b'{"os": "\xff"}', None, "not an image config"),
        (config(), [{**LAYER, "digest": "x"}], "not a sha256"),
        (config(), [{"digest": BLOB}], "not an image manifest"),
        (config(), [{**LAYER, "size": "3"}], "not an image manifest"),
    ],
)
def test_what_does_not_fit_is_refused(
    document: object, layers: list[dict[str, object]] | None, message: str
) -> None:
    with pytest.raises(MalformedError, match=message) as caught:
        make(document, layers)
    assert caught.value.where.startswith("test")


def test_limits() -> None:
    with pytest.raises(LimitError, match="layers are more than"):
        make(config(rootfs={"diff_ids": [DIFF] * 2000}), [LAYER] * 2000)
    with pytest.raises(LimitError, match="over 4194304 bytes"):
        images.parse_manifest(b" " * (images.MAX_MANIFEST_BYTES + 1), "m")
    with pytest.raises(LimitError, match="more than the"):
        images.read_blob(
            Descriptor(digest=BLOB, size=10**9), lambda _: imaging.opener(b"")(), max_bytes=5, where="config"
        )


def test_schema_1_is_told_as_such() -> None:
    with pytest.raises(MalformedError, match="schema 1, obsolete"):
        images.parse_manifest(b'{"schemaVersion": 1, "fsLayers": []}', "m")


def entry(os: str, architecture: str, variant: str = "", **more: object) -> Descriptor:
    return Descriptor(digest=BLOB, size=1, platform=Platform(os, architecture, variant), **more)  # type: ignore[arg-type]  # the test's


AMD = entry("linux", "amd64")
ARM8, ARM7 = entry("linux", "arm64"), entry("linux", "arm", "v7")
WINDOWS = entry("windows", "amd64")
ATTESTATION = entry("unknown", "unknown")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("linux/amd64", AMD), ("amd64", AMD), ("x86_64", AMD), ("linux/arm64", ARM8), ("linux/arm64/v8", ARM8),
        ("aarch64", ARM8), ("linux/arm/v7", ARM7), ("linux/arm", ARM7), ("windows/amd64", WINDOWS),
    ],
)  # fmt: skip
def test_choose_platform(wanted: str, found: Descriptor) -> None:
    index = [ATTESTATION, WINDOWS, AMD, ARM8, ARM7]
    assert choose_platform(index, parse_platform(wanted), "x") is found


def test_the_only_image_is_taken_unasked() -> None:
    assert choose_platform([WINDOWS, ATTESTATION], None, "x") is WINDOWS
    with pytest.raises(UnavailableError, match="no image for linux/386; there is windows/amd64"):
        choose_platform([WINDOWS, ATTESTATION], parse_platform("386"), "x")


@pytest.mark.parametrize("text", ["", "/", "linux/", "a/b/c/d"])
def test_what_is_no_platform(text: str) -> None:
    with pytest.raises(LadingError, match="not a platform"):
        parse_platform(text)
