from __future__ import annotations

import itertools
import platform
import re
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.apk import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

NUMBERS = st.lists(st.sampled_from(["0", "1", "2", "10"]), min_size=1, max_size=3).map(".".join)
SUFFIX = st.sampled_from(
    ["_alpha", "_beta2", "_pre", "_rc1", "_rc", "_cvs", "_svn1", "_git20230101", "_hg", "_p1", "_p"]
)
VERSION = st.builds(
    lambda numbers, letter, suffixes, revision: numbers + letter + "".join(suffixes) + revision,
    NUMBERS,
    st.sampled_from(["", "", "a", "b"]),
    st.lists(SUFFIX, max_size=2),
    st.sampled_from(["", "-r0", "-r1", "-r10"]),
)
# Before 2.14 the zero at the end hid what followed it, so that the bare version was the lower one.
BARE_ZERO = re.compile(r"(.*\.0)_(alpha|beta|pre|rc).*")


@pytest.fixture(scope="module")
def apk(oracle: Start, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Compare with apk-tools 2.10 of a real Alpine 3.10."""
    if platform.machine() != "x86_64":
        pytest.skip("the image's apk is a program for x86_64")
    root = tmp_path_factory.mktemp("alpine")
    with tarfile.open(needs.images() / "alpine-310.tar.gz") as image:
        layer = next(name for name in image.getnames() if name.endswith("layer.tar"))
        with tarfile.open(fileobj=image.extractfile(layer)) as files:
            wanted = ("lib/ld-", "lib/lib", "usr/lib/lib", "sbin/apk")
            files.extractall(root, [m for m in files if m.name.startswith(wanted)], filter="tar")
    return oracle("sh", "{oracles}/apk.sh", str(root))


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


def changed_in_2_14(one: str, two: str) -> bool:
    """Tell whether apk-tools changed its mind about a pair (see the module)."""
    return any((found := BARE_ZERO.fullmatch(a)) and found[1] == b for a, b in [(one, two), (two, one)])


def read_alike(version: str) -> bool:
    """Tell whether apk-tools 2.10 reads it as today: no hash, no leading zeros, nothing unreadable."""
    pattern = r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*[a-z]?(_[a-z]+[0-9]*)*(-r[0-9]+)?"
    numbers_fit = all(len(digits) < 10 for digits in re.findall("[0-9]+", version))
    return bool(re.fullmatch(pattern, version)) and numbers_fit and "_foo" not in version


def test_neighbours_in_the_list_are_as_apk_says(apk: Compare, rising: Rising) -> None:
    texts = [text for text in itertools.chain(*rising("apk")) if read_alike(text)]
    far = zip(texts, reversed(texts), strict=True)
    pairs = [pair for pair in [*itertools.pairwise(texts), *far] if not changed_in_2_14(*pair)]
    assert len(pairs) > 100
    assert [pair for pair in pairs if apk(*pair) != sign(*pair)] == []


@settings(max_examples=250, deadline=None)
@given(one=VERSION, two=VERSION)
def test_apk_agrees(apk: Compare, one: str, two: str) -> None:
    assume(not changed_in_2_14(one, two))
    assert sign(one, two) == apk(one, two)


def test_what_changed(apk: Compare) -> None:
    assert [apk("1.0_rc1", "1.0"), sign("1.0_rc1", "1.0")] == [1, -1]
    assert [apk("1.0bc", "1.0b"), sign("1.0bc", "1.0b")] == [1, -1]
    assert [apk("1.0_rc1-r0", "1.0-r0"), sign("1.0_rc1-r0", "1.0-r0")] == [-1, -1]


@pytest.mark.parametrize("text", ["v1", ".1", "-r1", "a", "é1", " 1"])
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not an apk version: "):
        key(text)


@pytest.mark.parametrize(
    "text",
    [
        "1.",
        "1..2",
        "1.2.r1",
        "1_",
        "1_foo",
        "1_pre-1",
        "1~",
        "1~xyz",
        "1-r",
        "1-1",
        "1A",
        "1 ",
        "1\n",
        "1\x00",
    ],
)
def test_the_unreadable_rest_is_right_below_the_end(text: str) -> None:
    readable = {"1.2.r1": "1.2", "1_pre-1": "1_pre"}.get(text, "1")
    assert key(readable + "_rc") < key(text) < key(readable)


def test_after_a_hash_only_a_revision_is_read() -> None:
    assert key("1~abc-r1") < key("1~abc-r2") < key("1~abd")
    assert key("1~abc-r1-r2") == key("1~abc-r1~abc")
