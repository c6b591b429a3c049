from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import LadingError, MalformedError
from lading.inventory import gradle_lock
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

LOCK = b"""\
# This is a Gradle generated file for dependency locking.
# Manual edits can break the build and are not advised.
com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath,testCompileClasspath
junit:junit:4.13.1=testCompileClasspath,testRuntimeClasspath

org.jetbrains.kotlin:kotlin-stdlib:1.6.10=testFixtures,compileClasspath
empty=annotationProcessor
"""


def test_read() -> None:
    def package(name: str, version: str, line: int, scope: str = "") -> Package:
        return Package(
            type="maven",
            name=name,
            version=version,
            locations=(Location("app/gradle.lockfile", line),),
            reader="java/gradle-lock",
            scope=scope,
        )

    assert list(gradle_lock.read(TreeFile("app/gradle.lockfile", len(LOCK), data=LOCK))) == [
        package("com.google.guava:guava", "31.1-jre", 3),
        package("junit:junit", "4.13.1", 4, "test"),
        package("org.jetbrains.kotlin:kotlin-stdlib", "1.6.10", 6),
    ]


def test_plugins_of_the_build() -> None:
    found = gradle_lock.read(TreeFile("a/buildscript-gradle.lockfile", 99, data=b"a.b:c:1=classpath\r\n"))
    assert [(each.name, each.scope) for each in found] == [("a.b:c", "dev")]


@pytest.mark.parametrize("line", [b"a:b=c", b"a:b:=c", b":b:1=c", b"a:b:1:2=c", b"words", b"\xff:a:1=b"])
def test_broken(line: bytes) -> None:
    with pytest.raises(MalformedError, match="not ") as raised:
        list(gradle_lock.read(TreeFile("gradle.lockfile", 9, data=b"a:b:1=c\n" + line)))
    assert raised.value.where in {"gradle.lockfile:2", "gradle.lockfile"}


@given(st.binary(max_size=100))
@settings(max_examples=100)
def test_any_bytes(junk: bytes) -> None:
    with suppress(LadingError):
        list(gradle_lock.read(TreeFile("gradle.lockfile", len(junk), data=junk)))
