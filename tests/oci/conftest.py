"""Fixtures for what speaks to registries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import imaging
import loopback
import registries
from lading import net
from loopback import Served
from registries import FakeRegistry


@pytest.fixture
def slept() -> list[float]:
    """Return the waits that `client` would have made, in seconds."""
    return []


@pytest.fixture
def client(slept: list[float]) -> net.Client:
    """Return a client that does not sleep."""
    return net.client(environ={}, timeout_s=5, retry=net.Retry(sleep=slept.append))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a layout with an image of two layers."""
    made = tmp_path_factory.mktemp("image") / "layout"
    imaging.write_layout(made, [imaging.tar(tree) for tree in registries.TREES])
    return made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[str]:
    """Run a registry without authentication in which `app:1` is the image."""
    with registries.registry(tmp_path_factory.mktemp("plain")) as host:
        registries.push(folder, f"{host}/app:1")
        yield host


@pytest.fixture
def fake() -> FakeRegistry:
    return FakeRegistry((b"one", b"two" * 100_000))


@pytest.fixture
def server(fake: FakeRegistry) -> Iterator[Served]:
    with loopback.serve(fake.answer) as served:
        yield served
