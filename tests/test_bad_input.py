"""Bad input through the real program: a clear error, or a warning in the report that names the file.

Nothing else is lost, nothing hangs, and there is no traceback. What is tested here as a whole is
tested in parts, at every byte, elsewhere:

    what                                        in parts
    truncated archive, layer, tar header        oci/test_archive.py, oci/test_stream.py, oci/test_tar.py
    wrong digest, missing blob, lying sizes     oci/test_layout.py, oci/test_stream.py
    names with `../`, links, loops              oci/test_tar.py, oci/test_walk.py, oci/test_overlay.py
    very many entries, bombs, sparse files      oci/test_walk.py, oci/test_stream.py, oci/test_tar.py
    nested jars                                 inventory/test_java_archive.py
    rpm databases                               inventory/test_rpm_{bdb,ndb,sqlite}.py
    any bytes in any metadata                   inventory/test_inventory.py
    registries that stall, refuse and cut       oci/test_registry_hostile.py, test_net.py
    caches that are broken or unwritable        oci/test_factcache.py
    interruption, full and closed outputs       cli/test_main.py, cli/test_output.py
    SBOMs                                       inventory/test_sbom*.py
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import random
import resource
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import imaging
import needs
import program
from lading import scan
from lading.errors import LadingError, LimitError, MalformedError
from lading.net import client
from lading.oci import walk
from lading.oci.open import Access, open_image, recognise
from loopback import Exchange

SOUND = {"django", "tool"}
KIB, MIB, GIB = 2**10, 2**20, 2**30


@pytest.fixture
def lading(tmp_path: Path) -> program.Lading:
    return program.Lading(tmp_path)


def sbom(
    lading: program.Lading,
    target: str | Path,
    *more: str,
    **options: Any,  # noqa: ANN401 -- of the program
) -> tuple[int, set[str], dict[str, str], str]:
    """Return exit status, names of packages, what was skipped (path and reason), and messages."""
    done = lading("sbom", target, "-f", "json", *more, **options)
    messages = done.stderr.decode()
    assert "Traceback" not in messages
    assert "internal error" not in messages
    if not done.stdout:
        return done.returncode, set(), {}, messages
    report = json.loads(done.stdout)
    skipped = {one["path"]: one["reason"] for one in report["skipped"]}
    assert not [reason for reason in skipped.values() if "internal error" in reason]
    return done.returncode, {one["name"] for one in report["packages"]}, skipped, messages


def layout(lading: program.Lading, *layers: bytes | imaging.Tree) -> str:
    tars = [one if isinstance(one, bytes) else imaging.tar(one) for one in layers]
    imaging.write_layout(lading.folder / "image", tars)
    return "oci:image"


def blob(lading: program.Lading, digest: str) -> Path:
    return lading.folder / "image/blobs" / digest.replace(":", "/")


def parts(lading: program.Lading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the index and the manifest of the layout."""
    index = json.loads((lading.folder / "image/index.json").read_bytes())
    return index, json.loads(blob(lading, index["manifests"][0]["digest"]).read_bytes())


def archive(tree: imaging.Tree, form: str) -> bytes:
    """Return an archive as docker save writes it, plain or gzip."""
    layer = imaging.tar(tree)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [imaging.layer(layer).diff_id]},
        }
    ).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["x:1"], "Layers": ["layer.tar"]}]).encode()
    packed = imaging.tar({"manifest.json": manifest, "config.json": config, "layer.tar": layer})
    return gzip.compress(packed, 6, mtime=0) if form == "gzip" else packed


def taken(target: Path) -> set[str]:
    """Return the names of packages, in this process."""
    image = open_image(recognise(str(target)), Access(client))
    found = scan.take_inventory(image, None, today=dt.date(2025, 1, 1))
    return {package.name for package in found.contents.packages}


# Truncation


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_an_archive_cut_at_any_place(form: str, tmp_path: Path) -> None:
    data = archive(program.TREE, form)
    path = tmp_path / "image.tar"
    path.write_bytes(data)
    assert taken(path) == SOUND
    outcomes: dict[str, int] = {}
    for end in [*range(1, len(data), max(1, len(data) // 300)), *range(len(data) - 30, len(data))]:
        path.write_bytes(data[:end])
        try:
            found = taken(path)
        except LadingError as error:
            named = "image.tar" in str(error) or "layer sha256:" in str(error)
            outcomes["error" if named else str(error)] = outcomes.get("error", 0) + 1
        else:
            # Only the zeros behind the last entry are missing.
            assert (found, form) == (SOUND, "plain")
            assert not data[end:].strip(b"\0")
            outcomes["whole"] = outcomes.get("whole", 0) + 1
    assert set(outcomes) <= {"error", "whole"}
    assert outcomes["error"] > 100


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_a_cut_archive_is_an_error_of_the_program(lading: program.Lading, form: str, share: float) -> None:
    data = archive({**program.TREE, "pad": os.urandom(900_000)}, form)
    (lading.folder / "image.tar").write_bytes(data[: int(len(data) * share)])
    done = lading("scan", "image.tar")
    assert done.returncode in {2, 3}
    assert done.stdout == b""
    assert b"image.tar" in done.stderr or b"layer sha256:" in done.stderr
    assert b"Traceback" not in done.stderr


# Layouts that lie


@pytest.mark.parametrize("at", [0, 10, -10, -1])
def test_a_layer_with_another_digest(lading: program.Lading, at: int) -> None:
    target = layout(lading, {**program.TREE, "pad": os.urandom(50_000)})
    digest = parts(lading)[1]["layers"][0]["digest"]
    data = bytearray(blob(lading, digest).read_bytes())
    data[at] ^= 0x40
    blob(lading, digest).write_bytes(data)
    status, found, _, messages = sbom(lading, target)
    assert (status, found) == (3, set())
    assert digest in messages


@pytest.mark.parametrize("what", ["manifest", "config", "layer"])
@pytest.mark.parametrize("how", ["missing", "empty", "a-folder", "a-loop", "other-bytes"])
def test_a_blob_that_is_not_what_it_should_be(lading: program.Lading, what: str, how: str) -> None:
    target = layout(lading, program.TREE)
    index, manifest = parts(lading)
    digest = {
        "manifest": index["manifests"][0]["digest"],
        "config": manifest["config"]["digest"],
        "layer": manifest["layers"][0]["digest"],
    }[what]
    path = blob(lading, digest)
    size = path.stat().st_size
    path.unlink()
    if how == "a-folder":
        path.mkdir()
    elif how == "a-loop":
        path.symlink_to(path.name)
    elif how != "missing":
        path.write_bytes(b"" if how == "empty" else b"x" * size)
    status, found, _, messages = sbom(lading, target)
    assert (status, found) == (3, set())
    assert digest in messages or digest.partition(":")[2] in messages


@pytest.mark.parametrize("size", [0, 1, -1, 10**6, 2**63, 10**30])
@pytest.mark.parametrize("what", ["config", "layer"])
def test_a_manifest_that_lies_about_sizes(lading: program.Lading, what: str, size: int) -> None:
    target = layout(lading, program.TREE)
    index, manifest = parts(lading)
    (manifest["config"] if what == "config" else manifest["layers"][0])["size"] = size
    raw = json.dumps(manifest).encode()
    path = lading.folder / "image/blobs/sha256" / imaging.layer(raw).digest.partition(":")[2]
    path.write_bytes(raw)
    index["manifests"][0] |= {"digest": imaging.layer(raw).digest, "size": len(raw)}
    (lading.folder / "image/index.json").write_text(json.dumps(index))
    status, found, _, messages = sbom(lading, target)
    assert (status, found) == (3, set())
    assert messages.startswith("lading: ")


def test_a_config_that_counts_other_layers(lading: program.Lading) -> None:
    target = layout(lading, program.TREE)
    _, manifest = parts(lading)
    imaging.write_layout(
        lading.folder / "image", [imaging.tar(program.TREE)], rootfs={"type": "layers", "diff_ids": []}
    )
    status, found, _, messages = sbom(lading, target)
    assert (status, found) == (3, set())
    assert "diff" in messages or "layers" in messages
    assert manifest


# Names and links


def test_names_that_lead_out(lading: program.Lading) -> None:
    tree = {
        "../../../../tmp/lading-was-here": b"x",
        "/var/lib/dpkg/status": program.STATUS,
        "a/../../etc/os-release": b"ID=alpine\nVERSION_ID=3.20\n",
        "/opt/../opt/django.dist-info/METADATA": program.WHEEL,
    }
    status, found, skipped, messages = sbom(lading, layout(lading, tree))
    assert (status, found) == (3, SOUND)
    assert sorted(skipped) == ["etc/os-release", "tmp/lading-was-here"]
    assert all("above the root" in reason for reason in skipped.values())
    assert "tmp/lading-was-here" in messages
    assert not Path("/tmp/lading-was-here").exists()


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        pytest.param({"var/lib/dpkg/status": ("->", "/etc/passwd")}, set(), id="absolute-to-nothing"),
        pytest.param({"var/lib/dpkg/status": ("->", "../../../../../../etc/hostname")}, set(), id="above-the-root"),
        pytest.param({"var/lib/dpkg/status": ("->", "status")}, set(), id="to-itself"),
        pytest.param({"var": ("->", "var2"), "var2": ("->", "var")}, set(), id="two-in-a-circle"),
        pytest.param({"var": ("->", "var/x/var")}, set(), id="growing"),
        pytest.param({"var/lib/dpkg/status": ("=", "var/lib/dpkg/status")}, set(), id="hard-to-itself"),
        pytest.param({"var/lib/dpkg/status": ("=", "../../etc/shadow")}, set(), id="hard-to-nothing"),
        pytest.param({"data": program.STATUS, "var/lib/dpkg/status": ("->", "/data")}, {"tool"}, id="absolute"),
        pytest.param(
            {f"l{n}": ("->", f"l{n + 1}") for n in range(50)} | {"var/lib/dpkg/status": ("->", "/l0"), "l50": program.STATUS},
            set(), id="a-chain-longer-than-linux-takes",
        ),
    ],
)  # fmt: skip
def test_links(lading: program.Lading, tree: imaging.Tree, found: set[str]) -> None:
    wheel = {"opt/django.dist-info/METADATA": program.WHEEL}
    assert sbom(lading, layout(lading, {**wheel, **tree}))[:3] == (0, {"django"} | found, {})
    root = lading.folder / "root"
    with tarfile.open(fileobj=io.BytesIO(imaging.tar({**wheel, **tree}))) as members:
        for member in members:
            if not member.islnk():
                members.extract(member, root, filter="fully_trusted")
    status, names, _, messages = sbom(lading, f"rootfs:{root}")
    assert (status, messages) == (0, "")
    assert names - {"tool"} == {"django"}


# Size


def empty_entries(count: int) -> Iterator[bytes]:
    for number in range(count):
        entry = tarfile.TarInfo(f"d{number % 1000}/f{number}")
        yield entry.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.timeout(180)
def test_very_many_entries(lading: program.Lading) -> None:
    data = b"".join(empty_entries(300_000)) + imaging.tar(program.TREE)
    assert sbom(lading, layout(lading, data))[:3] == (0, SOUND, {})


def test_more_entries_than_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(walk, "MAX_ENTRIES", 50_000)
    imaging.write_layout(tmp_path, [b"".join(empty_entries(50_001)) + bytes(1024)])
    with pytest.raises(LimitError, match="over 50000 entries in one layer"):
        taken(tmp_path)


def test_very_many_packages_of_one_name(lading: program.Lading) -> None:
    tree = {f"p{n}/a.dist-info/METADATA": f"Name: a\nVersion: {n}\n".encode() for n in range(5000)}
    done = lading("sbom", layout(lading, tree), "-f", "json")
    assert (done.returncode, len(json.loads(done.stdout)["packages"])) == (0, 5000)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("wanted", [True, False], ids=["in-a-database", "in-any-file"])
def test_a_gzip_bomb(lading: program.Lading, wanted: bool) -> None:  # noqa: FBT001 -- a table's column
    """Three GiB of zeros in three MiB; what is stored has the digest that it should have."""
    entry = tarfile.TarInfo("var/lib/dpkg/status" if wanted else "zeros")
    entry.size = 3 * GIB
    chunk = gzip.compress(bytes(64 * MIB), 9, mtime=0)
    stored = (
        gzip.compress(entry.tobuf(), mtime=0)
        + chunk * (3 * GIB // (64 * MIB))
        + gzip.compress(bytes(1024), mtime=0)
    )
    target = layout(lading, program.TREE)
    index, manifest = parts(lading)
    layer = imaging.layer(stored)
    blob(lading, layer.digest).write_bytes(stored)
    manifest["layers"][0] |= {"digest": layer.digest, "size": len(stored)}
    raw = json.dumps(manifest).encode()
    blob(lading, imaging.layer(raw).digest).write_bytes(raw)
    index["manifests"][0] |= {"digest": imaging.layer(raw).digest, "size": len(raw)}
    (lading.folder / "image/index.json").write_text(json.dumps(index))
    status, found, _, messages = sbom(lading, target)
    assert (status, found) == (3, set())
    assert f"layer {layer.digest}: " in messages
    assert "a decompression bomb" in messages


SPARSE = {
    "gnu": ["--format=gnu"],
    "pax-0.0": ["--format=posix", "--sparse-version=0.0"],
    "pax-0.1": ["--format=posix", "--sparse-version=0.1"],
    "pax-1.0": ["--format=posix", "--sparse-version=1.0"],
}


@needs.tool("tar")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("form", SPARSE)
@pytest.mark.parametrize(
    ("name", "start", "reader"),
    [
        ("var/lib/dpkg/status.d/large", program.STATUS, "bytes"),
        ("usr/bin/program", b"\x7fELF\x02\x01\x01", ""),
        ("opt/app.jar", b"PK\x03\x04", "bytes"),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0", "bytes"),
    ],
    ids=["text", "program", "jar", "database"],
)
def test_a_sparse_file_of_ten_gib(
    lading: program.Lading, form: str, name: str, start: bytes, reader: str
) -> None:
    root = lading.folder / "root"
    (root / name).parent.mkdir(parents=True)
    with (root / name).open("wb") as file:
        file.write(start)
        file.truncate(10 * GIB)
        file.seek(10 * GIB - 1)
        file.write(b"x")
    command = [
        "tar",
        "--sparse",
        *SPARSE[form],
        "--create",
        "--file=-",
        "--directory",
        str(root),
        ".",
    ]
    data = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
    assert len(data) < MIB
    (root / name).unlink()
    status, found, skipped, _ = sbom(lading, layout(lading, data, program.TREE), preexec_fn=_little_memory)
    assert found == SOUND
    assert status == (3 if name.startswith("var") else 0)
    assert [path for path, reason in skipped.items() if reader in reason] == ([name] if reader else [])


def _little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 * GIB, 3 * GIB))


# Content


def nested_jar(depth: int) -> bytes:
    data = b""
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as jar:
            jar.writestr(
                f"META-INF/maven/g/n{level}/pom.properties", f"groupId=g\nartifactId=n{level}\nversion=1\n"
            )
            if data:
                jar.writestr("lib/inner.jar", data)
        data = out.getvalue()
    return data


def test_a_deeply_nested_jar(lading: program.Lading) -> None:
    tree = {**program.TREE, "opt/deep.jar": nested_jar(200), "opt/good.jar": nested_jar(2)}
    status, found, skipped, _ = sbom(lading, layout(lading, tree))
    assert status == 0
    assert {"g:n199", "g:n0", "g:n1", *SOUND} <= found
    assert len(found) < 200
    assert [path.partition("!/")[0] for path in skipped] == ["opt/deep.jar"]


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages.db", "Packages"])
@pytest.mark.parametrize("kind", ["noise", "zeros", "head", "empty"])
def test_a_corrupt_rpm_database(lading: program.Lading, name: str, kind: str) -> None:
    head = {
        "rpmdb.sqlite": b"SQLite format 3\0\x10\x00\x01\x01\x00@  ",
        "Packages.db": b"RpmP" + bytes(12),
        "Packages": bytes(12) + b"\x61\x15\x06\x00" + b"\x09\0\0\0" + b"\0\x10\0\0",
    }[name]
    noise = random.Random(7).randbytes(20_000)
    data = {"noise": noise, "zeros": bytes(20_000), "head": head + noise, "empty": b""}[kind]
    path = f"var/lib/rpm/{name}"
    status, found, skipped, messages = sbom(lading, layout(lading, {**program.TREE, path: data}))
    assert found == SOUND
    if kind != "empty" or skipped:
        assert (status, list(skipped)) == (3, [path])
        assert f"not read, so that packages may be missing: {path}: " in messages


METADATA = {
    "etc/os-release": "os",
    "var/lib/dpkg/status.d/x": "os",
    "lib/apk/db/installed": "os",
    "var/lib/pacman/local/x-1-1/desc": "os",
    "var/lib/dpkg/info/x.list": "",
    "usr/share/doc/x/copyright": "",
    "p/x-1.dist-info/METADATA": "",
    "p/x-1.dist-info/RECORD": "",
    "p/x-1.egg-info/PKG-INFO": "",
    "p/x-1.egg-info/SOURCES.txt": "",
    "p/x-1.egg-info/installed-files.txt": "",
    "node_modules/x/package.json": "",
    "g/specifications/x-1.gemspec": "",
    "vendor/composer/installed.json": "",
    "d/x.deps.json": "",
    "app/.yarn/cache/x-npm-1-0-0.zip": "",
    "opt/bitnami/x/.spdx-x.spdx": "",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal": "",
    "bin/go": "",
    "j/x.jar": "",
    "package-lock.json": "", "yarn.lock": "", "pnpm-lock.yaml": "", "bun.lock": "", "requirements.txt": "",
    "Pipfile.lock": "", "poetry.lock": "", "uv.lock": "", "pdm.lock": "", "pylock.toml": "", "Gemfile.lock": "",
    "composer.lock": "", "packages.lock.json": "", "packages.config": "", "Cargo.lock": "", "go.mod": "",
    "gradle.lockfile": "", "pom.xml": "",
}  # fmt: skip
DAMAGE = {
    "no-utf-8": b"\xff\xfe\x80" * 300,
    "half-a-json": b'{"name": "x", "version": "1", "packages": {"a": {"ver',
    "nested": b"[" * 50_000,
    "zeros": bytes(3000),
    "other-types": b'{"name": [], "version": {}, "packages": 1, "targets": "x", "libraries": []}',
    "elf": b"\x7fELF\x02\x01\x01" + b"\xff" * 3000,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_any_metadata_may_be_broken(lading: program.Lading, damage: str) -> None:
    tree = {
        **dict.fromkeys(METADATA, DAMAGE[damage]),
        **{f"sound/{name}": data for name, data in program.TREE.items()},
    }
    tree |= {"var/lib/dpkg/status": program.STATUS, "sound/etc": None}
    status, found, skipped, _ = sbom(lading, layout(lading, tree))
    assert found >= SOUND
    assert status in {0, 3}
    lost = [path for path, family in METADATA.items() if family == "os" and path in skipped]
    assert (status == 3) is bool(lost)
    root = lading.folder / "root"
    for path, data in tree.items():
        if isinstance(data, bytes):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
    assert sbom(lading, f"rootfs:{root}")[1] >= SOUND


def test_what_is_skipped_is_named(lading: program.Lading) -> None:
    broken = {
        "node_modules/x/package.json": b"{",
        "vendor/composer/installed.json": b"[",
        "d/x.deps.json": b"\xff",
        "j/x.jar": b"PK no",
        "p/x.dist-info/METADATA": b"\xff",
    }
    status, found, skipped, messages = sbom(lading, layout(lading, {**program.TREE, **broken}))
    assert (status, found, messages) == (0, SOUND, "")
    assert sorted(skipped) == sorted(broken)
    assert [path for path, reason in skipped.items() if not reason or reason.startswith(f"{path}:")] == []
    shown = lading("scan", "oci:image", "--offline", "-f", "table", "-f", "html=x.html")
    page = (lading.folder / "x.html").read_text()
    assert [path for path in broken if path not in page] == []
    assert b"5 " in shown.stdout


# Places that cannot be written


def nowhere() -> Sequence[str]:
    return ["/dev/null/cache", "/proc/cache"]


@pytest.mark.parametrize("place", nowhere())
def test_an_unwritable_cache(lading: program.Lading, place: str) -> None:
    target = layout(lading, program.TREE)
    status, found, _, messages = sbom(lading, target, environ={"LADING_CACHE_DIR": place})
    assert (status, found) == (0, SOUND)
    assert messages.startswith("lading: layers are not cached: ")
    assert len(messages.splitlines()) == 1


@pytest.mark.parametrize("place", nowhere())
def test_unwritable_data(lading: program.Lading, place: str) -> None:
    program.publish(lading.folder)
    done = lading("scan", layout(lading, program.TREE), "-f", "json", environ={"LADING_DATA_DIR": place})
    assert done.returncode == 3
    assert {one["name"] for one in json.loads(done.stdout)["packages"]} == SOUND
    assert place.encode() in done.stderr
    assert b"Traceback" not in done.stderr


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * KIB, 8 * KIB))


def test_no_room_for_what_is_written(lading: program.Lading) -> None:
    """A limit on the size of files stands in for a full disk: every write fails in the middle."""
    program.publish(lading.folder)
    target = layout(
        lading, {**program.TREE, "pad/" + "x" * 80: b""}, {f"p/{n}": os.urandom(9) for n in range(2000)}
    )
    done = lading("scan", target, "-f", "json", preexec_fn=_small_files)
    assert done.returncode == 3
    assert {one["name"] for one in json.loads(done.stdout)["packages"]} == SOUND
    assert b"Traceback" not in done.stderr
    done = lading("sbom", target, "-f", "html=out.html", preexec_fn=_small_files)
    assert done.returncode == 3
    assert b"out.html: no room to write it: " in done.stderr
    assert sorted(path.name for path in lading.folder.iterdir()) == ["cache", "data", "image", "osv"]


@needs.tool("mount", "umount")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk(lading: program.Lading, tmp_path_factory: pytest.TempPathFactory) -> None:
    disk = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False, timeout=30).returncode:
        pytest.skip("this container may not mount")
    try:
        program.publish(lading.folder)
        tree = {
            f"p{n}/x{n}.dist-info/METADATA": f"Name: x{n}\nVersion: 1\n{os.urandom(20).hex()}".encode()
            for n in range(3000)
        }
        target = layout(lading, {**program.TREE, **tree})
        there = {
            "LADING_CACHE_DIR": str(disk / "cache"),
            "LADING_DATA_DIR": str(disk / "data"),
            "TMPDIR": str(disk),
        }
        done = lading("scan", target, "-f", "json", "-f", f"html={disk / 'out.html'}", environ=there)
        assert done.returncode == 3
        assert len(json.loads(done.stdout)["packages"]) == 3002
        assert b"No space left on device" in done.stderr or b"full" in done.stderr
        assert b"out.html: no room to write it: No space left on device" in done.stderr
        assert b"Traceback" not in done.stderr
        assert list(disk.glob("*out.html*")) == []
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=30)


# Registries


def _refuses(status: int) -> Callable[[Exchange, bytes], None]:
    return lambda exchange, _: exchange.reply(
        status, b'{"errors":[{"code":"X","message":"said \\u001b[2J no"}]}'
    )


def _cuts(exchange: Exchange, data: bytes) -> None:
    exchange.reply(200, data[:1000], length=len(data))


def _lies(exchange: Exchange, data: bytes) -> None:
    exchange.reply(200, bytes(len(data)))


@pytest.mark.parametrize(
    ("large", "words"),
    [
        pytest.param(_refuses(401), "", id="401"),
        pytest.param(_refuses(403), "", id="403"),
        pytest.param(_refuses(404), "", id="404"),
        pytest.param(_lies, "content is sha256:", id="other-bytes"),
    ],
)
def test_a_registry_that_does_not_give_the_layer(
    lading: program.Lading, large: Callable[[Exchange, bytes], None], words: str
) -> None:
    layout(lading, {**program.TREE, "pad": os.urandom(100_000)})
    with program.registry(lading.folder / "image", large) as served:
        status, found, _, messages = sbom(lading, f"docker://{served.host}/image:test")
    assert (status, found) == (3, set())
    assert words in messages
    assert served.host in messages or "layer sha256:" in messages
    assert "\x1b" not in messages


def test_a_registry_that_cuts_once(lading: program.Lading) -> None:
    layout(lading, {**program.TREE, "pad": os.urandom(100_000)})
    asked: list[str] = []

    def once(exchange: Exchange, data: bytes) -> None:
        wanted = exchange.headers.get("Range", "")
        asked.append(wanted)
        if not wanted:
            _cuts(exchange, data)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        exchange.reply(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})

    with program.registry(lading.folder / "image", once) as served:
        assert sbom(lading, f"docker://{served.host}/image:test")[:3] == (0, SOUND, {})
    assert asked == ["", "bytes=1000-"]


# Other files in the place of an image


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"\xff" * 5000, b"{", b"<", b"\x1f\x8b", bytes(20_000), b"PK\x03\x04" + bytes(100), b"ustar"],
    ids=[
        "empty",
        "a-letter",
        "no-text",
        "half-a-json",
        "half-an-xml",
        "half-a-gzip",
        "zeros",
        "a-zip",
        "a-word",
    ],
)
def test_a_file_that_is_nothing(lading: program.Lading, data: bytes) -> None:
    path = lading.folder / "thing.tar"
    path.write_bytes(data)
    for target in (
        "thing.tar",
        "docker-archive:thing.tar",
        "oci-archive:thing.tar",
        "sbom:thing.tar",
        "oci:thing.tar",
    ):
        done = lading("scan", target)
        assert done.returncode in {2, 3}
        assert done.stdout == b""
        assert b"thing.tar" in done.stderr
        assert b"Traceback" not in done.stderr


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.tar"
    path.write_bytes(imaging.tar({"hello": b"world"}))
    with pytest.raises(MalformedError, match=r"other\.tar"):
        taken(path)
