from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import loopback
from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, reason, site

JSON = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


def project(*files: tuple[str, object, str]) -> bytes:
    listed = [
        {"filename": name, "yanked": yanked, "requires-python": python} for name, yanked, python in files
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": "x", "files": listed}).encode()


def add(served: Site, name: str, *files: tuple[str, object, str]) -> None:
    served.files[f"/pypi/{name}/"] = project(*files)
    served.types[f"/pypi/{name}/"] = JSON


FLASK = (
    ("flask-2.9.tar.gz", False, ">=3.6"),
    ("flask-2.10.1-py3-none-any.whl", False, ">=3.7"),
    ("Flask-3.0.0.tar.gz", False, ">=3.8"),
    ("flask-3.0.1.tar.gz", "bad metadata", ">=3.8"),
    ("flask-3.0.2.tar.gz", "", ">=3.8"),
    ("flask-3.1.0rc1.tar.gz", False, ">=3.9"),
    ("flask-3.1.0.dev1.tar.gz", False, ">=3.9"),
    ("flask-3.2.0-cp312-cp312-win_amd64.whl", False, ">=3.9"),
    ("flask-3.1.0.exe", False, ""),
    ("other-9.0.tar.gz", False, ""),
    ("flask-garbage.whl", False, ""),
)


@pytest.mark.parametrize(
    ("requirement", "base", "version"),
    [
        ("flask", "", "3.0.0"),
        ("Flask", "", "3.0.0"),
        ("flask[async]", "", "3.0.0"),
        ("flask<3", "", "2.10.1"),
        ("flask>=2,!=2.10.1,<3", "", "2.9"),
        ("flask~=2.9", "", "2.10.1"),
        ("flask", "python:3.7-slim-bookworm", "2.10.1"),
        ("flask", "python:3.6.15", "2.9"),
        ("flask", "python:3.12", "3.0.0"),
        ("flask", "python:3", "3.0.0"),
        ("flask", "debian:12", "3.0.0"),
        ("flask; python_version > '3'", "", "3.0.0"),
    ],
)
def test_newest_that_fits(served: Site, requirement: str, base: str, version: str) -> None:
    add(served, "flask", *FLASK)
    assert served.ask("pypi", requirement, base=base) == {requirement: version}


@pytest.mark.parametrize(
    ("requirement", "base", "said"),
    [
        ("nosuch", "", "no project nosuch in the index"),
        ("flask>9", "", "no release of flask>9 that is neither yanked nor a pre-release"),
        ("flask", "python:3.5", "no release of flask for Python 3.5 that"),
        ("./local", "", "not a requirement that has a name: './local'"),
        ("-r", "", "not a requirement"),
        ("", "", "not a requirement"),
        ("a b;$(x)", "", "not a requirement"),
        ("../../x", "", "not a requirement"),
        ("flask @ https://x.example/f.whl", "", "flask comes from an address"),
        ("git+https://x.example/f.git", "", "not a requirement"),
        ("x" * 5000, "", "no project"),
    ],
    ids=lambda value: value[:30],
)
def test_no_answer_is_a_reason(served: Site, requirement: str, base: str, said: str) -> None:
    add(served, "flask", *FLASK)
    answer = served.ask("pypi", requirement, base=base)[requirement]
    assert said in reason(answer)
    assert isinstance(answer, Unknown)
    assert answer.absent


def test_names_are_made_one(served: Site) -> None:
    add(
        served,
        "ruamel-yaml",
        ("ruamel.yaml-0.18.6.tar.gz", False, ""),
        ("ruamel_yaml-0.18.10-py3-none-any.whl", False, ""),
    )
    assert served.ask("pypi", "Ruamel_YAML") == {"Ruamel_YAML": "0.18.10"}
    assert served.served.lines() == ["GET /pypi/ruamel-yaml/"]


def test_html_of_older_mirrors(served: Site) -> None:
    served.files["/pypi/x/"] = (
        b'<!DOCTYPE html><html><body><a href="../../f/x-1.0.tar.gz#sha256=0">x-1.0.tar.gz</a>'
        b'<a href="https://f.example/x-1.2-py3-none-any.whl" data-requires-python="&gt;=3.9">x</a>'
        b'<a href="x-1.3.tar.gz" data-yanked="">x</a><a>none</a><a href="//[bad">x</a></body></html>'
    )
    served.types["/pypi/x/"] = "text/html; charset=utf-8"
    assert served.ask("pypi", "x") == {"x": "1.2"}
    assert served.ask("pypi", "x", base="python:3.8") == {"x": "1.0"}
    accept = served.served.log[0].headers["Accept"]
    assert accept.startswith(JSON)


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"files": 3}', b"\xff\xfe", b"[" * 100_000, b'{"files": [{"yanked": {}}]}']
)
def test_garbage_is_a_reason(served: Site, body: bytes) -> None:
    served.files["/pypi/x/"] = body
    served.types["/pypi/x/"] = JSON
    assert "not a project of a package index" in reason(served.ask("pypi", "x")["x"])


def test_one_failure_costs_no_other(served: Site) -> None:
    add(served, "good", ("good-1.0.tar.gz", False, ""))
    served.special["/pypi/private/"] = lambda exchange: exchange.reply(403)
    found = served.ask("pypi", "private", "good")
    assert found["good"] == "1.0"
    assert "access denied" in reason(found["private"])


def test_too_many_requests_are_waited_for_once(served: Site) -> None:
    add(served, "x", ("x-1.0.tar.gz", False, ""))
    page = served.files["/pypi/x/"]
    asked = []

    def busy(exchange: loopback.Exchange) -> None:
        asked.append(1)
        if len(asked) == 1:
            exchange.reply(429, headers={"Retry-After": "1"})
        else:
            exchange.reply(body=page, headers={"Content-Type": JSON})

    served.special["/pypi/x/"] = busy
    assert served.ask("pypi", "x") == {"x": "1.0"}


def test_a_busy_index_is_left_alone(served: Site) -> None:
    for name in ("a", "b", "c"):
        served.special[f"/pypi/{name}/"] = lambda exchange: exchange.reply(
            429, headers={"Retry-After": "999"}
        )
    found = served.ask("pypi", "a", "b", "c")
    assert all("too many requests" in reason(answer) for answer in found.values())
    assert served.served.lines() == ["GET /pypi/a/"]


def test_a_huge_page_ends(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lading.lint.pins_pypi._MAX_BYTES", 100)
    add(served, "flask", *FLASK)
    assert "more than 100 bytes" in reason(served.ask("pypi", "flask")["flask"])
