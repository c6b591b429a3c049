from __future__ import annotations

import pytest

import reading
from lading.inventory.python_requirements import REQUIREMENTS

TEXT = """\
# pinned
-r other.txt
--index-url https://example.org/simple
Django==3.2  # why
requests[socks, security] == 2.25.1 ; python_version < "4"
flask==2.0.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
zope.interface===5.4.0
old (==1.0)
both==1.0,!=1.1
epoch==1!2.0+local.1
from-url @ https://example.org/x==1.whl
range>=1.0
wild==1.*
contradiction==1.0,==2.0
compatible~=1.0
-e git+https://example.org/x.git#egg=x==1
./local==1
unpinned
"""


def test_requirements() -> None:
    assert reading.pins(REQUIREMENTS, "srv/requirements.txt", TEXT) == [
        ("django", "3.2", 4, ""),
        ("requests", "2.25.1", 5, ""),
        ("flask", "2.0.0", 6, ""),
        ("zope-interface", "5.4.0", 9, ""),
        ("old", "1.0", 10, ""),
        ("both", "1.0", 11, ""),
        ("epoch", "1!2.0+local.1", 12, ""),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a==1\r\nb==2\r\n", [("a", "1", 1, ""), ("b", "2", 2, "")], id="crlf"),
        pytest.param("a==\\\n1", [("a", "1", 1, "")], id="continued-within"),
        pytest.param("a==1 \\", [("a", "1", 1, "")], id="continued-at-the-end"),
        pytest.param("# c \\\na==1", [("a", "1", 2, "")], id="comment-is-not-continued"),
        pytest.param("a==1 \\\n# c\nb==2", [("a", "1", 1, ""), ("b", "2", 3, "")], id="comment-ends-it"),
        pytest.param("a==1#b", [], id="no-comment-without-space"),
        pytest.param("a==1\na==1", [("a", "1", 1, "")], id="twice"),
        pytest.param("\ufeffa==1", [("a", "1", 1, "")], id="mark"),
        pytest.param("a==${VERSION}", [], id="variable"),
    ],
)
def test_lines(text: str, found: list[tuple[str, str, int, str]]) -> None:
    assert reading.pins(REQUIREMENTS, "requirements.txt", text) == found


def test_utf_16_as_powershell_writes_it() -> None:
    data = "\ufeffdjango==3.2\r\n".encode("utf-16-le")
    assert reading.pins(REQUIREMENTS, "requirements.txt", data) == [("django", "3.2", 1, "")]


def test_of_an_installed_package() -> None:
    assert reading.facts(REQUIREMENTS, "lib/site-packages/a/requirements.txt", "a==1") == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a" * 10_000_000, id="name"),
        pytest.param("a" + " " * 10_000_000, id="spaces"),
        pytest.param("a==1" + ",==1" * 2_500_000, id="clauses"),
        pytest.param("a[" * 5_000_000, id="brackets"),
        pytest.param("a==1 \\\n" * 1_000_000, id="continued"),
        pytest.param(("a" + "." * 60_000 + "\n") * 60, id="many-lines-as-long-as-allowed"),
    ],
)
def test_long_lines_end_soon(line: str) -> None:
    reading.facts(REQUIREMENTS, "requirements.txt", line + "\n")
