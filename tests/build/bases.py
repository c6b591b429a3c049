"""Base images to build upon: the real Alpine, and images upon it with what only few images have."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needs

ALPINE = "alpine:3.12.1"
# The layer and the config of a Docker image.
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
# cap_net_bind_service=ep, as setcap writes it: version 2, effective; permitted in 64 bits; nothing inheritable.
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
NAMES = (ALPINE, "parent:1", "triggers:1", "files:1", "devices:1")


def write(folder: Path) -> None:
    """Write each base as a directory of skopeo's form, below its name with `-` for `:`."""
    alpine, config = _alpine()
    _image(folder, ALPINE, [alpine], config)
    for name, layers, more in (
        ("parent:1", [_gzip(_tar({"opt/app/": ""}))], _PARENT),
        ("triggers:1", [], {"OnBuild": ["COPY one /srv/triggered/", "RUN cat /srv/triggered/one > /copied", "ENV triggered=yes"]}),
        ("files:1", [_gzip(_strange_files()), _gzip(_taken_away())], {}),
        ("devices:1", [_gzip(_devices())], {}),
    ):  # fmt: skip
        _image(folder, name, [alpine, *layers], {**config, **more})


def digest(folder: Path) -> str:
    """Return the digest of the manifest of Alpine."""
    return "sha256:" + hashlib.sha256((folder / "alpine-3.12.1" / "manifest.json").read_bytes()).hexdigest()


_PARENT = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "COLOUR=blue", "EMPTY="],
    "Cmd": ["parent", "command"],
    "Entrypoint": ["/parent"],
    "WorkingDir": "/opt/app",
    "User": "guest",
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "Labels": {"kept": "label", "parent": "1"},
    "StopSignal": "SIGQUIT",
    "Shell": ["/bin/ash", "-c"],
    "Healthcheck": {"Test": ["CMD", "/parent-check"], "Interval": 5000000000, "Retries": 2},
}


def _image(folder: Path, name: str, layers: list[bytes], config: dict[str, Any]) -> None:
    place = folder / name.replace(":", "-")
    place.mkdir()

    def keep(data: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (place / digest).write_bytes(data)
        return {"mediaType": media_type, "size": len(data), "digest": f"sha256:{digest}"}

    document = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2020-01-23T16:53:06.686519038Z",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [_diff_id(layer) for layer in layers]},
        "history": [
            {"created": "2020-01-23T16:53:06Z", "created_by": f"layer {at}"} for at in range(len(layers))
        ],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": keep(json.dumps(document).encode(), _CONFIG),
        "layers": [keep(layer, _LAYER) for layer in layers],
    }
    (place / "manifest.json").write_text(json.dumps(manifest))
    (place / "version").write_text("Directory Transport Version: 1.1\n")


def _alpine() -> tuple[bytes, dict[str, Any]]:
    with tarfile.open(needs.images() / "alpine-310.tar.gz") as archive:

        def member(name: str) -> bytes:
            read = archive.extractfile(name)
            assert read is not None
            return read.read()

        (entry,) = json.loads(member("manifest.json"))
        config = json.loads(member(entry["Config"]))["config"]
        return _gzip(member(entry["Layers"][0])), {"Env": config["Env"], "Cmd": config["Cmd"]}


def _strange_files() -> bytes:
    def attributes(**xattrs: bytes) -> Callable[[tarfile.TarInfo], None]:
        def change(entry: tarfile.TarInfo) -> None:
            for name, value in xattrs.items():
                key = "SCHILY.xattr." + name.replace("_", ".")
                entry.pax_headers = {**entry.pax_headers, key: value.decode("utf-8", "surrogateescape")}

        return change

    return _tar({
        "data/": "",
        "data/noted": ("noted", attributes(user_note=b"text")),
        "data/able": ("able", attributes(security_capability=CAPABILITY)),
        "data/own": "own",
        "data/one": "one",
        "data/two": ("=", "data/one"),
        "data/link": ("->", "../data/own"),
        "data/deep/": "",
        "data/deep/" + "n" * 200 + "/": "",
        "data/deep/" + "n" * 200 + "/" + "m" * 200: "long",
        "data/ü€": "name",
        "data/fifo": ("fifo", _typed(tarfile.FIFOTYPE)),
        "data/program": ("#!/bin/sh\n", _mode(0o6755)),
        "layered/opaque/below": "below",
        "layered/taken": "taken",
        "layered/becomes-a-file/x": "x",
        "layered/becomes-a-directory": "x",
    })  # fmt: skip


def _taken_away() -> bytes:
    return _tar({
        "layered/": "",
        "layered/.wh.taken": "",
        "layered/opaque/": "",
        "layered/opaque/.wh..wh..opq": "",
        "layered/opaque/above": "above",
        "layered/becomes-a-file": "file",
        "layered/becomes-a-directory/": "",
        "layered/becomes-a-directory/x": "x",
    })  # fmt: skip


def _devices() -> bytes:
    def numbers(kind: bytes, major: int, minor: int) -> Callable[[tarfile.TarInfo], None]:
        def change(entry: tarfile.TarInfo) -> None:
            entry.type, entry.devmajor, entry.devminor = kind, major, minor

        return change

    return _tar({
        "srv/null": ("", numbers(tarfile.CHRTYPE, 1, 3)),
        "srv/zero": ("", numbers(tarfile.CHRTYPE, 1, 5)),
        "srv/disk": ("", numbers(tarfile.BLKTYPE, 7, 300)),
    })  # fmt: skip


def _typed(kind: bytes) -> Callable[[tarfile.TarInfo], None]:
    def change(entry: tarfile.TarInfo) -> None:
        entry.type = kind

    return change


def _mode(mode: int) -> Callable[[tarfile.TarInfo], None]:
    def change(entry: tarfile.TarInfo) -> None:
        entry.mode = mode

    return change


def _tar(tree: dict[str, Any]) -> bytes:
    """Return a tar archive: text is a file, `->` and `=` make links, a function changes the entry."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, value in tree.items():
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.mode = 0o755 if name.endswith("/") else 0o644
            entry.mtime = 1_000_000_000
            data = b""
            if name.endswith("/"):
                entry.type = tarfile.DIRTYPE
            elif isinstance(value, tuple) and value[0] in {"->", "="}:
                entry.type = tarfile.SYMTYPE if value[0] == "->" else tarfile.LNKTYPE
                entry.linkname = value[1]
            else:
                text, change = value if isinstance(value, tuple) else (value, None)
                if change is not None:
                    change(entry)
                data = text.encode() if entry.type == tarfile.REGTYPE else b""
                entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def _diff_id(layer: bytes) -> str:
    return "sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()
