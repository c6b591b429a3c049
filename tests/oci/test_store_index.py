from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from lading.errors import LimitError, MalformedError, UsageError
from lading.oci import store_index
from lading.oci.image import OCI_MANIFEST, Descriptor, Platform, this_platform
from lading.oci.layout import REF_NAME
from lading.oci.store_index import Entries

AMD, ARM = Platform("linux", "amd64"), Platform("linux", "arm64")


def entry(number: int, name: str = "", platform: Platform | None = AMD) -> Descriptor:
    return Descriptor(
        media_type=OCI_MANIFEST, digest=f"sha256:{number:064x}", size=1, platform=platform,
        annotations={REF_NAME: name} if name else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "new", "names", "after"),
    [
        pytest.param((), entry(1), [], (entry(1),), id="without-a-name"),
        pytest.param((entry(1),), entry(1), [], (entry(1),), id="again-without-a-name"),
        pytest.param((entry(1, "a"),), entry(1), [], (entry(1, "a"),), id="it-has-a-name"),
        pytest.param((), entry(1), ["a", "b", "a"], (entry(1, "a"), entry(1, "b")), id="two-names"),
        pytest.param((entry(1),), entry(1), ["a"], (entry(1, "a"),), id="named-now"),
        pytest.param((entry(1, "a"),), entry(1), ["a"], (entry(1, "a"),), id="named-again"),
        pytest.param((entry(1, "a"),), entry(2), ["a"], (entry(1), entry(2, "a")), id="name-lost"),
        pytest.param((entry(1, "a"), entry(1, "b")), entry(2), ["a"], (entry(1, "b"), entry(2, "a")), id="one-of-two-lost"),
        pytest.param((entry(1, "a"), entry(1)), entry(2), ["a"], (entry(1), entry(2, "a")), id="no-second-nameless"),
        pytest.param((entry(1, "a"),), entry(2, platform=ARM), ["a"], (entry(1, "a"), entry(2, "a", ARM)), id="other-platform"),
        pytest.param((entry(1, "a"), entry(2, "a", ARM)), entry(3, platform=None), ["a"], (entry(1), entry(2, platform=ARM), entry(3, "a", None)), id="no-platform"),
    ],
)  # fmt: skip
def test_with_image(before: Entries, new: Descriptor, names: list[str], after: Entries) -> None:
    assert store_index.with_image(before, new, names) == after


NAMED = (
    entry(0xABCDEF << 232, "docker.io/library/alpine:3.20"),
    entry(0xABCDEF << 232, "docker.io/library/cafe12:latest"),
    entry(0xABC000 << 232, f"docker.io/library/debian@sha256:{9:064x}"),
    entry(0xCAFE12 << 232, "Odd Name"),
    entry(0xABC111 << 232, "short"),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alpine:3.20", [0]), ("docker.io/alpine:3.20", [0]), ("index.docker.io/library/alpine:3.20", [0]),
        (f"sha256:abcdef{0:058x}", [0, 1]), (f"anything@sha256:abcdef{0:058x}", [0, 1]), ("abcdef", [0, 1]),
        ("cafe12", [1]), ("sha256:cafe12", [3]), ("cafe120", [3]), ("Odd Name", [3]), ("short", [4]), ("short:latest", [4]),
        (f"debian:12@sha256:{9:064x}", [2]), ("debian", []), ("abcde", []), ("abcdee", []),
    ],
)  # fmt: skip
def test_find(text: str, found: list[int]) -> None:
    assert [NAMED.index(one) for one in store_index.find(NAMED, text)] == found


def test_find_what_cannot_be() -> None:
    several = (entry(0xABCDEF1 << 228), entry(0xABCDEF2 << 228))
    with pytest.raises(UsageError, match=r"several images begin with this: sha256:abcdef1.*, sha256:abcdef2"):
        store_index.find(several, "abcdef")
    with pytest.raises(MalformedError, match="not an image reference"):
        store_index.find(NAMED, "UPPER")


def test_read_what_is_written(tmp_path: Path) -> None:
    assert store_index.read(tmp_path / "index.json") == ()
    other = ARM if this_platform() != ARM else AMD
    entries = (entry(1, "a", other), entry(2, "a", this_platform()), entry(3, "b", None))
    (tmp_path / "index.json").write_bytes(store_index.encode(entries))
    assert store_index.read(tmp_path / "index.json") == (entries[1], entries[2], entries[0])
    assert json.loads(store_index.encode(()))["manifests"] == []


def test_an_index_that_nobody_would_read() -> None:
    with pytest.raises(LimitError, match="over 4194304 bytes"):
        store_index.encode(entry(number, "n" * 900) for number in range(5000))


@pytest.mark.parametrize("text", ["", "1,x", "1,,2", "٣", "9" * 30 + ",x"])
def test_sizes_that_are_none(text: str) -> None:
    noted = msgspec.structs.replace(entry(1), annotations={store_index.TAR_BYTES: text})
    assert store_index.tar_bytes(noted) == ()


def test_the_second_entries_follow() -> None:
    twin = msgspec.structs.replace(entry(7), platform=None)
    index = store_index.with_twins((entry(1, "a"), entry(2, "b"), entry(1, "c")), {entry(1).digest: twin})
    assert [store_index.name_of(one) for one in index] == ["a", "b", "c", "a", "c"]
    assert [one.digest for one in index[3:]] == [twin.digest] * 2
    assert all(store_index.is_converted(one) for one in index[3:])
    assert index[3].platform == AMD
    assert store_index.find(index, "a") == (entry(1, "a"),)
    fewer = store_index.with_twins(store_index.without(index, index[:1]), {})
    assert [store_index.name_of(one) for one in fewer] == ["b", "c", "c"]
    assert store_index.with_twins(store_index.with_image(index, entry(3), ["a", "c"]), {}) == (
        entry(2, "b"), entry(1), entry(3, "a"), entry(3, "c"),
    )  # fmt: skip
