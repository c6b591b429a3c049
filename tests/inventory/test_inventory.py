from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lading import inventory
from lading.errors import LadingError
from lading.model.fact import Files, Licenses, OsRelease, Skipped
from lading.model.package import Package
from lading.oci.dispatch import Dispatch
from lading.oci.reader import FileReader, TreeFile

EVERY = (*inventory.READERS, *inventory.LOCK_READERS)
PLACES = {
    "etc/os-release": "os/release",
    "usr/lib/os-release": "os/release",
    "var/lib/dpkg/status": "os/dpkg",
    "var/lib/dpkg/status.d/base": "os/dpkg",
    "lib/apk/db/installed": "os/apk",
    "usr/lib/apk/db/installed": "os/apk",
    "var/lib/rpm/rpmdb.sqlite": "os/rpm-sqlite",
    "var/lib/rpm/Packages.db": "os/rpm-ndb",
    "usr/lib/sysimage/rpm/rpmdb.sqlite-wal": "os/rpm-wal",
    "var/lib/rpm/Packages": "os/rpm-bdb",
    "usr/lib/sysimage/rpm/rpmdb.sqlite": "os/rpm-sqlite",
    "var/lib/pacman/local/a-1-1/desc": "os/pacman",
    "usr/lib/python3/dist-packages/a-1.dist-info/METADATA": "python/dist-info",
    "usr/lib/python3/dist-packages/a.egg-info/PKG-INFO": "python/egg-info",
    "app/node_modules/a/package.json": "node/package",
    "app/.yarn/cache/a-npm-1.0.0-0-0.zip": "node/yarn-cache",
    "root/.yarn/berry/cache/a-npm-1.0.0-0-10c0.zip": "node/yarn-cache",
    "usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec": "ruby/gemspec",
    "app/vendor/composer/installed.json": "php/composer-installed",
    "app/a.deps.json": "dotnet/deps",
    "opt/bitnami/redis/.spdx-redis.spdx": "bitnami/spdx",
    "app/a.jar": "java/archive",
    "app/a.war": "java/archive",
}
LOCKS = {
    "requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "package-lock.json",
    "yarn.lock", "pnpm-lock.yaml", "bun.lock", "Gemfile.lock", "composer.lock", "packages.lock.json", "packages.config",
    "Cargo.lock", "go.mod", "gradle.lockfile", "pom.xml",
}  # fmt: skip


@pytest.mark.parametrize(("path", "reader"), PLACES.items())
def test_every_place_has_its_reader(path: str, reader: str) -> None:
    assert reader in [one.name for one in Dispatch(inventory.READERS).wanted(path)]


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_locks_have_readers_that_images_do_not_use(name: str) -> None:
    assert Dispatch(inventory.LOCK_READERS).wanted(f"web/{name}")
    assert Dispatch(inventory.READERS).wanted(f"web/{name}") == []


def test_names_tell_readers_apart() -> None:
    names = [reader.name for reader in EVERY]
    assert sorted(set(names)) == sorted(names)


def path_of(reader: FileReader) -> str:
    """Return a path that the reader wants."""
    pattern = reader.paths[0] if reader.paths else "usr/bin/program"
    return pattern.replace("**/", "a/").replace("*", "b-1")


def read(reader: FileReader, data: bytes) -> None:
    """Read as the walk does, without its net for bugs: facts or a LadingError, and nothing else."""
    try:
        for fact in reader.read(TreeFile(path_of(reader), len(data), 0o644, data)):
            assert isinstance(fact, (Package, Files, Licenses, OsRelease, Skipped))
    except LadingError:
        pass


def zipped(member: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", member)
        archive.writestr("META-INF/maven/a/b/pom.properties", member)
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "zeros": bytes(4096),
    "no-utf-8": b"\xff\xfe\xfd" * 500,
    "half-a-character": b"a: \xc3",
    "utf-16": "Package: a\nVersion: 1\n".encode("utf-16"),
    "a-bom": b"\xef\xbb\xbf{}",
    "nested-lists": b"[" * 100_000,
    "nested-objects": b'{"a":' * 50_000,
    "a-number": b"1",
    "a-text": b'"x"',
    "null": b"null",
    "half-a-document": b'{"name": "x", "version": "1", "packages": {"node_modules/a": {"ver',
    "other-types": b'{"name": 1, "version": [], "packages": 2, "libraries": null, "dependencies": "x", "targets": 5}',
    "lone-surrogate": b'{"name": "\\ud800", "version": "\\ud800"}',
    "infinite": b'{"version": 1e999, "lockfileVersion": 99999999999999999999}',
    "toml": b"[[package]]\nname = 1\nversion = {}\n[metadata]\nx = [[[[[[[]]]]]]]\n",
    "yaml-bomb": b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\ne: [*d,*d]\nlockfileVersion: '9.0'\n",
    "xml-bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><project><a>&b;</a></project>',
    "a-long-line": b"Name: " + b"x" * 200_000 + b"\nVersion: 1\n",
    "control-characters": b"Package: a\x1b[2J\x00b\nVersion: \x07\nStatus: install ok installed\n\n",
    "elf": b"\x7fELF\x02\x01\x01" + b"\xff" * 3000,
    "zip": zipped(b"\xff" * 1000),
    "half-a-zip": zipped(b"groupId=a")[:-10],
    "gzip": b"\x1f\x8b\x08" + b"\xff" * 100,
    "sqlite": b"SQLite format 3\0" + b"\xff" * 4000,
    "itself": Path(sys.executable).read_bytes()[:100_000],
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("reader", EVERY, ids=lambda reader: reader.name)
def test_any_bytes_are_facts_or_an_error(reader: FileReader, name: str) -> None:
    read(reader, HOSTILE[name])


@pytest.mark.parametrize("reader", EVERY, ids=lambda reader: reader.name)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: text.encode("utf-8", "replace"))
)
def test_hostile_bytes(reader: FileReader, data: bytes) -> None:
    read(reader, data)
