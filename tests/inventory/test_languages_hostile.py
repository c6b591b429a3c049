"""Any bytes at all give facts or an error that names the file: every reader of the language families."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reading
from lading.errors import LadingError
from lading.inventory import LOCK_READERS, READERS
from lading.oci.reader import FileReader

FAMILIES = ("python/", "node/", "ruby/", "php/", "dotnet/")
BY_NAME = {one.name: one for one in (*READERS, *LOCK_READERS) if one.name.startswith(FAMILIES)}
for binary in ("python/egg", "node/yarn-cache"):  # their own tests are as hostile
    BY_NAME.pop(binary, None)

JSON = {
    "node/package": (
        "node_modules/a/package.json",
        '{"name": "a", "version": "1", "license": {"type": "MIT"}, "licenses": ["X"], "private": false}',
    ),
    "node/npm-lock": (
        "package-lock.json",
        ('{"packages": {"node_modules/a": {"version": "1", "dev": true, "license": "MIT"}},'
        ' "dependencies": {"a": {"version": "1", "dependencies": {"b": {"version": "2"}}}}}'),
    ),
    "node/bun-lock": (
        "bun.lock",
        ('{"workspaces": {"": {"dependencies": {"a": "1"}}},'
        ' "packages": {"a": ["a@1", "", {"dependencies": {"b": "2"}}, "x"], "a/b": ["b@2"]}}'),
    ),
    "python/pipfile-lock": ("Pipfile.lock", '{"_meta": {}, "default": {"a": {"version": "==1"}}, "develop": {}}'),
    "php/composer-installed": (
        "vendor/composer/installed.json",
        '{"packages": [{"name": "a/b", "version": "v1", "license": ["MIT"]}], "dev-package-names": ["a/b"]}',
    ),
    "php/composer-lock": (
        "composer.lock",
        '{"packages": [{"name": "a/b", "version": "v1", "license": ["MIT"]}], "packages-dev": []}',
    ),
    "dotnet/deps": (
        "a.deps.json",
        ('{"targets": {"x": {"a/1": {"runtime": {"a.dll": {}}, "resources": {"de/b.dll": {"locale": "de"}}}}},'
        ' "libraries": {"a/1": {"type": "package"}}}'),
    ),
    "dotnet/packages-lock": (
        "packages.lock.json", '{"dependencies": {"net6.0": {"a": {"type": "Direct", "resolved": "1"}}}}'
    ),
}  # fmt: skip
OTHER = {
    "python/dist-info": ("s/a-1.dist-info/METADATA", "Name: a\nVersion: 1\nLicense: MIT\n b\nClassifier: x\n\nText"),
    "python/egg-info": ("s/a.egg-info/PKG-INFO", "Name: a\r\nVersion: 1\r\n\r\n"),
    "python/record": ("s/a-1.dist-info/RECORD", 'a.py,sha256=x,1\n"b,c.py",,\n../../bin/a,,\n'),
    "python/installed-files": ("s/a.egg-info/installed-files.txt", "../a.py\nPKG-INFO\n"),
    "python/sources": ("s/a.egg-info/SOURCES.txt", "setup.py\nsrc/a/b.py\nsrc/a.egg-info/PKG-INFO\n"),
    "python/requirements": ("requirements.txt", "a==1 \\\n --hash=x:y\nb[c, d] == 2 ; e\n"),
    "python/poetry-lock": ("poetry.lock", '[[package]]\nname = "a"\nversion = "1"\ngroups = ["dev"]\n'),
    "python/uv-lock": (
        "uv.lock",
        ('[[package]]\nname = "a"\nversion = "1"\nsource = {virtual = "."}\ndependencies = [{name = "b"}]\n'
        '[[package]]\nname = "b"\nversion = "2"\n'),
    ),
    "python/pdm-lock": ("pdm.lock", '[[package]]\nname = "a"\nversion = "1"\n'),
    "python/pylock": ("pylock.toml", '[[packages]]\nname = "a"\nversion = "1"\ndirectory = {editable = false}\n'),
    "node/yarn-lock": ("yarn.lock", '"@a/b@^1", "@a/b@^2":\n  version "1"\n\nc@npm:d@1:\n  resolution: "d@npm:1"\n'),
    "node/pnpm-lock": (
        "pnpm-lock.yaml",
        ("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {version: 1(b@2)}\n"
        "packages:\n  a@1: {resolution: {type: x}}\nsnapshots:\n  a@1(b@2): {dependencies: {b: 2}}\n"),
    ),
    "ruby/gemspec": (
        "specifications/a-1.gemspec",
        '# stub: a 1 ruby lib\n  s.name = "a".freeze\n  s.version = "1"\n  s.licenses = ["MIT".freeze, %q{X}]\n',
    ),
    "ruby/gemfile-lock": ("Gemfile.lock", "GEM\n  remote: x\n  specs:\n    a (1-java)\n      b (~> 1)\n"),
    "dotnet/packages-config": ("packages.config", ('<?xml version="1.0"?>\n<packages><package id="a" version="1"/>'
                               "</packages>")),
}  # fmt: skip
SAMPLES = [pytest.param(BY_NAME[name], *sample, id=name) for name, sample in {**JSON, **OTHER}.items()]
JSON_SAMPLES = [pytest.param(BY_NAME[name], *sample, id=name) for name, sample in JSON.items()]


def test_there_is_a_sample_for_every_reader() -> None:
    assert sorted({**JSON, **OTHER}) == sorted(BY_NAME)


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_sample(reader: FileReader, path: str, sample: str) -> None:
    assert reading.facts(reader, path, sample)


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_truncated_at_every_byte(reader: FileReader, path: str, sample: str) -> None:
    data = sample.encode()
    for end in range(len(data)):
        reading.survives(reader, path, data[:end])


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_every_byte_changed(reader: FileReader, path: str, sample: str) -> None:
    data = sample.encode()
    chosen = random.Random(path)
    for at in range(len(data)):
        for other in (0, 0xFF, 0x0A, 0x22, chosen.randrange(256)):
            reading.survives(reader, path, data[:at] + bytes([other]) + data[at + 1 :])


@pytest.mark.parametrize(("reader", "path", "sample"), JSON_SAMPLES)
def test_every_value_of_a_wrong_type(reader: FileReader, path: str, sample: str) -> None:
    for text in reading.wrong_types(sample):
        reading.survives(reader, path, text)


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
@given(data=st.binary(max_size=200), at=st.integers(0, 400))
def test_any_bytes_in_the_middle(reader: FileReader, path: str, sample: str, data: bytes, at: int) -> None:
    whole = sample.encode()
    reading.survives(reader, path, data)
    reading.survives(reader, path, whole[:at] + data + whole[at:])


@pytest.mark.parametrize(
    "unit", [b"[", b'{"a":', b'"', b"a", b" ", b"\n", b"a,", b"- ", b"{", b"(", b"\\", b"<a>"]
)
@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_the_same_again_and_again(reader: FileReader, path: str, sample: str, unit: bytes) -> None:
    reading.survives(reader, path, unit * 200_000)
    reading.survives(reader, path, sample.encode()[:-3] + unit * 200_000)


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_a_line_of_ten_megabytes(reader: FileReader, path: str, sample: str) -> None:
    long = sample.replace("1", "1" * 10_000_000, 1)
    found = reading.survives(reader, path, long)
    assert isinstance(found, (list, LadingError))


@pytest.mark.parametrize(("reader", "path", "sample"), SAMPLES)
def test_a_path_that_is_no_utf_8(reader: FileReader, path: str, sample: str) -> None:
    assert reading.facts(reader, f"srv/\udcff/{path}", sample)
