from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reading
from lading.inventory.deb822 import paragraphs, pattern
from lading.inventory.dpkg_copyright import DPKG_COPYRIGHT, spdx
from lading.model.fact import Licenses

PATH = "usr/share/doc/bash/copyright"
HEAD = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: x\n"


def names(text: str | bytes) -> tuple[str, ...]:
    found = reading.facts(DPKG_COPYRIGHT, PATH, text)
    assert all(isinstance(fact, Licenses) and (fact.type, fact.owner) == ("deb", "bash") for fact in found)
    return tuple(name for fact in found if isinstance(fact, Licenses) for name in fact.names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\nFiles: *\nCopyright: x\nLicense: GPL-2+\n", ("GPL-2.0-or-later",), id="one"),
        pytest.param(
            "\nFiles: *\nLicense: GPL-2+\n text\n .\n more\n\nFiles: debian/*\nLicense: Expat\n\nFiles: b\nLicense: GPL-2+\n",
            ("GPL-2.0-or-later", "MIT"),
            id="each-once",
        ),
        pytest.param(
            "\nFiles: *\nLicense: Apache-2.0 or MIT\n\nLicense: Apache-2.0\n text\n\nLicense: MIT\n text\n",
            ("Apache-2.0 OR MIT",),
            id="texts-alone-do-not-count",
        ),
        pytest.param("\nLicense: ISC\n text\n", ("ISC",), id="only-texts"),
        pytest.param("License: ISC\n", ("ISC",), id="in-the-header"),
        pytest.param("\nFiles: *\nLICENSE : isc\n", ("ISC",), id="case"),
        pytest.param("\nFiles: *\nLicense:\n all of this text\n", (), id="no-name"),
        pytest.param("\nFiles: *\n License: no\n", (), id="continuation"),
        pytest.param("\nFiles: *\nLicense: " + "x" * 5000 + "\n", ("x" * 200,), id="long"),
        pytest.param(
            " refers to /usr/share/common-licenses/GPL-2.\n", ("GPL-2",), id="no-field-but-a-reference"
        ),
    ],
)
def test_machine_readable(text: str, expected: tuple[str, ...]) -> None:
    assert names(HEAD + text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("see `/usr/share/common-licenses/GPL-2'.", ("GPL-2",), id="quoted"),
        pytest.param("/usr/share/common-licenses/LGPL-2.1.", ("LGPL-2.1",), id="full-stop"),
        pytest.param(
            "common-licenses/GPL-3, common-licenses/GPL and common-licenses/GPL-3", ("GPL-3", "GPL"), id="two"
        ),
        pytest.param("usr/share/common-licenses/", (), id="directory"),
        pytest.param("License: MIT\n", (), id="field-without-the-format"),
        pytest.param("The MIT licence.", (), id="prose"),
        pytest.param("", (), id="empty"),
    ],
)
def test_prose(text: str, expected: tuple[str, ...]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("GPL-2", "GPL-2.0-only"),
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-3.0+", "GPL-3.0-or-later"),
        ("gpl-1+", "GPL-1.0-or-later"),
        ("LGPL-2.1", "LGPL-2.1-only"),
        ("LGPL-2+", "LGPL-2.0-or-later"),
        ("AGPL-3", "AGPL-3.0-only"),
        ("GFDL-1.3", "GFDL-1.3-only"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("Apache-2", "Apache-2.0"),
        ("Expat", "MIT"),
        ("zlib", "Zlib"),
        ("GPL-2+ or Expat", "GPL-2.0-or-later OR MIT"),
        ("GPL-2+ and Expat or ISC", "GPL-2.0-or-later AND MIT OR ISC"),
        ("GPL", "GPL"),
        ("GPL-2+ or Artistic", "GPL-2+ or Artistic"),
        ("GPL-2+, and Expat", "GPL-2+, and Expat"),
        ("GPL-2+ with OpenSSL exception", "GPL-2+ with OpenSSL exception"),
        ("GPL-2+ Expat", "GPL-2+ Expat"),
        ("or", "or"),
        ("GPL-2 or", "GPL-2 or"),
        ("GPL-2-only-if", "GPL-2-only-if"),
        ("public-domain", "public-domain"),
        ("MIT-style", "MIT-style"),
        ("", ""),
    ],
)
def test_spdx(expression: str, expected: str) -> None:
    assert spdx(expression) == expected


def test_not_utf_8() -> None:
    assert names((HEAD + "\nFiles: *\nLicense: x").encode() + b"\xff\n") == ("x\ufffd",)


def test_many_licences() -> None:
    text = HEAD + "".join(f"\nFiles: {number}\nLicense: custom-{number}\n" for number in range(3000))
    assert names(text) == tuple(f"custom-{number}" for number in range(200))


def test_one_endless_paragraph_takes_no_time() -> None:
    assert names(HEAD + "\n" + "License: a\n" * 300_000) == ("a",)


def slowly(text: str) -> list[str]:
    """The same as the reader's, by whole paragraphs."""
    stated: list[str] = []
    described: list[str] = []
    for _, fields in paragraphs(text, pattern("Format", "Format-Specification", "Files", "License")):
        if fields.get("license"):
            (stated if len(fields) > 1 else described).append(spdx(" ".join(fields["license"].split())))
    return list(dict.fromkeys(stated or described))


def test_the_machine_s_own_files_the_slow_way() -> None:
    files = sorted(Path("/usr/share/doc").glob("*/copyright"))
    if not files:
        pytest.skip("no copyright files here")
    compared = 0
    for path in files:
        text = path.read_text("utf-8", "replace")
        expected = slowly(text) if text.startswith(HEAD[:60]) else []
        if expected and max(map(len, expected)) < 200:
            assert names(text) == tuple(expected[:200]), path
            compared += 1
    assert compared > 20


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    reading.survives(DPKG_COPYRIGHT, PATH, data)
    reading.survives(DPKG_COPYRIGHT, PATH, HEAD.encode() + b"\nFiles: *\nLicense: " + data)


def test_cut_at_every_byte() -> None:
    text = HEAD + "\nFiles: *\nCopyright: x\nLicense: GPL-2+ or Expat\n text\n"
    for end in range(len(text)):
        reading.survives(DPKG_COPYRIGHT, PATH, text[:end])
