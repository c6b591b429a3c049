"""Images for the commands of the local store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import imaging
import program

BASE = imaging.tar({"etc/os-release": b"ID=base\n", "usr/share/text": b"text " * 4000})
CREATED = "2024-12-30T00:00:00Z"  # two days before the day of `program.Lading`


def layout(lading: program.Lading, name: str, *layers: bytes, **config: object) -> str:
    """Write an image to a layout of that name in the program's folder; return its digest."""
    config.setdefault("created", CREATED)
    return imaging.write_layout(lading.folder / name, list(layers or (BASE,)), "latest", **config).digest


def tag(lading: program.Lading, source: str, *names: str) -> None:
    """Give the image at `source` names in the store."""
    done = lading("tag", source, *names)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")


def images(lading: program.Lading, *more: str) -> list[dict[str, Any]]:
    """Return what `lading images` lists."""
    done = lading("images", "--format", "json", *more)
    assert (done.returncode, done.stderr) == (0, b"")
    return list(json.loads(done.stdout))


def names(lading: program.Lading) -> list[str]:
    """Return the names in the store, sorted."""
    return sorted(image["name"] for image in images(lading))


def blob(lading: program.Lading, digest: str) -> Path:
    """Return where a blob is in the store."""
    return lading.folder / "data" / "images" / "blobs" / digest.replace(":", "/")
