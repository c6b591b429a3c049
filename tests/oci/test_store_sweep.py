from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lading.errors import UnavailableError
from lading.oci import store_sweep
from lading.oci.image import OCI_INDEX, OCI_MANIFEST, Descriptor


def described(letter: str) -> Descriptor:
    return Descriptor(media_type=OCI_MANIFEST, digest="sha256:" + letter * 64, size=1)


def reach(manifests: dict[str, dict[str, object]], *entries: str) -> set[str]:
    """Return the letters that are reached. manifests: what lies at a letter."""

    def read(descriptor: Descriptor) -> bytes:
        letter = descriptor.digest[-1]
        if letter not in manifests:
            raise UnavailableError("not there")
        return msgspec.json.encode({"schemaVersion": 2, **manifests[letter]})

    return {digest[-1] for digest in store_sweep.reachable(map(described, entries), read)}


def image(config: str, *layers: str) -> dict[str, object]:
    return {"config": described(config), "layers": [described(letter) for letter in layers]}


def index(*letters: str) -> dict[str, object]:
    return {"mediaType": OCI_INDEX, "manifests": [described(letter) for letter in letters]}


@pytest.mark.parametrize(
    ("manifests", "found"),
    [
        pytest.param({"a": image("b", "c", "d"), "e": image("f")}, "abcd", id="an-image"),
        pytest.param({"a": index("b", "c"), "b": image("d", "e"), "c": image("d", "f")}, "abcdef", id="an-index"),
        pytest.param({"a": index("b", "c"), "b": image("d", "e")}, "abcde", id="a-platform-that-is-not-there"),
        pytest.param({"a": index("a", "b"), "b": index("a")}, "ab", id="a-circle"),
        pytest.param({}, "a", id="nothing"),
        pytest.param({"a": {"x": 1}}, "a", id="no-manifest"),
        pytest.param({"a": index("b"), "b": index("c", "a"), "c": image("b", "d")}, "abcd", id="config-and-manifest"),
    ],
)  # fmt: skip
def test_reachable(manifests: dict[str, dict[str, object]], found: str) -> None:
    assert reach(manifests, "a") == set(found)


def test_indexes_within_indexes_end() -> None:
    chain = {chr(97 + at): index(chr(98 + at)) for at in range(20)}
    assert len(reach(chain, "a")) == 10


def test_sweep(tmp_path: Path) -> None:
    for name in ("sha256/aa", "sha256/bb", "sha512/aa", "sha256/.bb.123"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "sha256" / "folder").mkdir()
    (tmp_path / "file").touch()
    assert store_sweep.sweep(tmp_path, {"sha256:aa"}) == (3, 15)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["aa", "file", "folder", "sha256", "sha512"]
    assert store_sweep.sweep(tmp_path / "nothing", set()) == (0, 0)


def test_clear(tmp_path: Path) -> None:
    (tmp_path / "tmp" / "in").mkdir(parents=True)
    (tmp_path / "tmp" / "in" / "file").write_bytes(b"12345")
    (tmp_path / "tmp" / "file").write_bytes(b"123")
    (tmp_path / "tmp" / "link").symlink_to(tmp_path)
    assert store_sweep.clear(tmp_path / "tmp") == 8
    assert list(tmp_path.rglob("*")) == [tmp_path / "tmp"]
    assert store_sweep.clear(tmp_path / "nothing") == 0
