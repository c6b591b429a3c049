from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imaging
from lading.build.bases import Bases
from lading.build.image_config import State
from lading.build.plan import Base, ContextSource, ImageSource
from lading.errors import UnavailableError, UsageError
from lading.oci import layout
from lading.oci.image import Image, Platform
from lading.oci.store import Store
from lading.oci.target import Target

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


@pytest.fixture
def made(tmp_path: Path) -> Image:
    """Return an image for amd64 with variables and a trigger, outside of the store."""
    imaging.write_layout(
        tmp_path / "elsewhere",
        [imaging.tar({"a": b"1"}), imaging.tar({"b": b"2"})],
        architecture="amd64",
        os="linux",
        config={"Env": ["PATH=/bin"], "OnBuild": ["RUN x"], "Cmd": ["c"]},
        history=[{"created_by": "one"}, {"created_by": "e", "empty_layer": True}, {"created_by": "two"}],
    )
    return layout.open_image(tmp_path / "elsewhere", "test", None, "elsewhere")


class Asked:
    """Stands in for all that is not the store, and keeps what it was asked for."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.names: list[tuple[str, Platform]] = []

    def __call__(self, target: Target, platform: Platform) -> Image:
        name = target.rest if target.transport == "docker" else str(target)
        self.names.append((name, platform))
        if name == "nowhere" or platform != AMD64:
            raise UnavailableError("there is no such image")
        return self.image


def _bases(store: Store, asked: Asked, *, pull: bool = False, told: list[str] | None = None) -> Bases:
    lines = [] if told is None else told
    return Bases(store, asked, AMD64, contexts={"ctx": "oci:x"}, pull=pull, told=lines.append)


def test_an_image_is_brought_once_and_then_known(tmp_path: Path, made: Image) -> None:
    store, asked, told = Store(tmp_path / "images"), Asked(made), list[str]()
    bases = _bases(store, asked, told=told)
    assert bases.look_up(ImageSource("base:1")) == Base({"PATH": "/bin"}, ("RUN x",))
    assert bases.image(ImageSource("base:1")).digest == made.digest
    assert (asked.names, told) == ([("base:1", AMD64)], ["fetching base:1 for linux/amd64"])
    assert [entry.name for entry in store.images()] == ["docker.io/library/base:1"]
    assert _bases(store, Asked(made)).image(ImageSource("base:1")).digest == made.digest
    again = Asked(made)
    _bases(store, again, pull=True).image(ImageSource("base:1"))
    assert again.names == [("base:1", AMD64)]


def test_who_wants_another_image_does_not_wait(tmp_path: Path, made: Image) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Asked):
        def __call__(self, target: Target, platform: Platform) -> Image:
            if target.rest == "slow":
                begun.set()
                assert go_on.wait(30)
            return super().__call__(target, platform)

    asked = Slow(made)
    bases = _bases(Store(tmp_path / "images"), asked)
    with ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(bases.image, ImageSource("slow")) for _ in range(3)]
        assert begun.wait(30)
        try:
            assert pool.submit(bases.image, ImageSource("quick")).result(30).digest == made.digest
        finally:
            go_on.set()
        assert {one.result(30).digest for one in slow} == {made.digest}
    assert sorted(name for name, _ in asked.names) == ["quick", "slow"]


def test_what_a_stage_begins_with(tmp_path: Path, made: Image) -> None:
    chain = _bases(Store(tmp_path / "images"), Asked(made)).chain(ImageSource("base"))
    assert [layer.diff_id for layer in chain.layers] == [layer.diff_id for layer in made.layers]
    assert [entry["created_by"] for entry in chain.history] == ["one", "e", "two"]
    assert chain.state == State(AMD64, {"Env": ["PATH=/bin"], "Cmd": ["c"]})


def test_keys_are_those_of_the_image(tmp_path: Path, made: Image) -> None:
    bases = _bases(Store(tmp_path / "images"), Asked(made))
    assert bases.chain(ImageSource("one")).key == bases.chain(ImageSource("other")).key


def test_a_context_that_is_an_image(tmp_path: Path, made: Image) -> None:
    store, asked = Store(tmp_path / "images"), Asked(made)
    bases = _bases(store, asked)
    assert bases.image(ContextSource("ctx")).digest == made.digest
    assert asked.names == [("oci:x", AMD64)]
    assert [entry.name for entry in store.images()] == [""]
    with pytest.raises(UsageError, match="'src' is a directory, not an image") as caught:
        bases.image(ContextSource("src"))
    assert "COPY --from=src" in caught.value.hint


def test_another_platform(tmp_path: Path, made: Image) -> None:
    store = Store(tmp_path / "images")
    store.put(made, ["base"])
    asked = Asked(made)
    with pytest.raises(
        UnavailableError, match=r"base: there is one image, for linux/amd64, not for linux/arm64"
    ):
        _bases(store, asked).image(ImageSource("base", "linux/arm64"))
    assert asked.names == [("base", ARM64)]


def test_an_image_that_is_nowhere(tmp_path: Path, made: Image) -> None:
    with pytest.raises(UnavailableError, match="no such image"):
        _bases(Store(tmp_path / "images"), Asked(made)).image(ImageSource("nowhere"))


def test_a_name_that_nobody_knows_may_be_a_slip_in_that_of_a_stage(tmp_path: Path, made: Image) -> None:
    with pytest.raises(UnavailableError, match="there is no such image") as raised:
        _bases(Store(tmp_path / "images"), Asked(made)).image(ImageSource("nowhere"))
    assert raised.value.hint == "no stage or image here is called nowhere"
