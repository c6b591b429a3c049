from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import loopback
import registries
from lading import net
from lading.errors import LadingError, UsageError
from lading.oci import layout
from lading.oci.image import Image
from lading.oci.open import Access, open_image, recognise
from lading.oci.store import Store
from lading.oci.target import Target
from lading.oci.write import destination, write_images
from loopback import Exchange
from registries import NEEDS, FakeRegistry

NAMES = ["docker.io/library/app:1", "docker.io/library/app:2"]


@pytest.fixture
def image(folder: Path) -> Image:
    return layout.open_image(folder, "test", None, "source")


def access(store: Path | None = None) -> Access:
    return Access(client=lambda: net.client(retries=0), store=store)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("host/app:1", Target("docker", "host/app:1")), ("docker://host/app", Target("docker", "host/app")),
        ("oci:dir:tag", Target("oci", "dir:tag")), ("dir:x", Target("dir", "x")),
    ],
)  # fmt: skip
def test_destination(text: str, target: Target) -> None:
    assert destination(text) == target


@pytest.mark.parametrize(
    "text", ["rootfs:x", "sbom:x", "docker-daemon:x", "containers-storage:x", "", "ftp://x"]
)
def test_what_is_not_written_to(text: str) -> None:
    with pytest.raises(UsageError):
        destination(text)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("oci:{}/out:tag", ["oci:{}/out:tag", "oci:{}/out"]), ("oci:{}/out", ["oci:{}/out:docker.io/library/app:1"]),
        ("oci-archive:{}/a.tar:tag", ["oci-archive:{}/a.tar:tag"]), ("oci-archive:{}/a.tar", ["oci-archive:{}/a.tar:docker.io/library/app:1"]),
        ("docker-archive:{}/a.tar:x:3", ["docker-archive:{}/a.tar:x:3"]),
        ("docker-archive:{}/a.tar", ["docker-archive:{}/a.tar:app:1", "docker-archive:{}/a.tar:app:2"]),
        ("dir:{}/out", ["dir:{}/out", "{}/out"]),
    ],
)  # fmt: skip
def test_what_is_written_is_read(tmp_path: Path, image: Image, text: str, opened: list[str]) -> None:
    digest = write_images([image], destination(text.format(tmp_path)), access(), names=NAMES)
    assert digest == ("" if text.startswith("docker-") else image.digest)
    for one in opened:
        assert open_image(recognise(one.format(tmp_path)), access()).config == image.config


@NEEDS
def test_a_registry_takes_what_it_has(tmp_path: Path, image: Image) -> None:
    """What lies in another repository there, as far as the store knows, is taken from it and not sent."""
    posted: list[str] = []
    with registries.registry(tmp_path / "registry") as host:
        client = net.client()

        def answer(exchange: Exchange) -> None:
            posted.append(f"{exchange.command} {exchange.path}")
            headers = {
                name: value
                for name, value in exchange.headers.items()
                if name.lower() not in {"host", "content-length", "connection"}
            }
            with client.open(
                exchange.command, f"http://{host}{exchange.path}", headers=headers,
                body=exchange.body() or None, ok=range(100, 600), follow=False,
            ) as got:  # fmt: skip
                passed = {
                    name: value.replace(f"http://{host}", "")
                    for name, value in got.headers.items()
                    if name.lower() not in {"content-length", "date"}
                }
                exchange.reply(got.status, got.read_all(2**24), passed)

        with loopback.serve(answer) as proxy:
            store = Store(tmp_path / "store")
            write_images([image], destination(f"{proxy.host}/base/app:1"), access())
            store.put(
                image, [f"{proxy.host}/base/app:1", f"{proxy.host}/other@{image.digest}", "elsewhere/x:1"]
            )
            posted.clear()
            write_images([image], destination(f"{proxy.host}/mine:1"), access(store.path))
    assert [line for line in posted if line.startswith("PATCH")] == []
    assert [line.partition("from=")[2] for line in posted if "mount=" in line] == ["base%2Fapp"] * 3


@pytest.fixture
def broken() -> Iterator[str]:
    fake = FakeRegistry()
    with loopback.serve(fake.answer) as served:
        yield served.host


def test_what_a_registry_refuses(image: Image, broken: str) -> None:
    with pytest.raises(LadingError):
        write_images([image], destination(f"{broken}/app:1"), access())
