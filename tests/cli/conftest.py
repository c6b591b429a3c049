"""An image, advisories for it, and the program beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

import imaging
import program


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an image as a layout in `image`, and advisories in `osv`."""
    folder = tmp_path_factory.mktemp("published")
    imaging.write_layout(folder / "image", [imaging.tar(program.TREE)])
    program.publish(folder)
    return folder


@pytest.fixture
def lading(published: Path, tmp_path: Path) -> program.Lading:
    """Return the program in an empty folder that has a link `image` to the image."""
    (tmp_path / "image").symlink_to(published / "image")
    return program.Lading(tmp_path, {"LADING_OSV_URL": (published / "osv").as_uri()})
