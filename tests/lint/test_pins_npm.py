from __future__ import annotations

from collections.abc import Iterator

import pytest

from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, packument, reason, site

VERSIONS = ["1.0.0", "1.9.0", "1.10.0", "2.0.0", "2.1.0-beta.1", "2.1.0", "3.0.0-rc.1"]


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        made.files = {
            "/npm/x": packument("2.0.0", VERSIONS, ("1.10.0",)),
            "/npm/@angular%2Fcli": packument("17.0.0", ["16.0.0", "17.0.0"]),
        }
        yield made


@pytest.mark.parametrize(
    ("spec", "version"),
    [
        ("x", "2.0.0"),
        ("x@latest", "2.0.0"),
        ("x@", "2.0.0"),
        ("x@*", "2.0.0"),
        ("x@next", "3.0.0-rc.1"),
        ("x@^2", "2.0.0"),
        ("x@^2.0.1", "2.1.0"),
        ("x@^1", "1.9.0"),
        ("x@1.10", "1.10.0"),
        ("x@>=2.1.0-beta <2.1.0", "2.1.0-beta.1"),
        ("x@^3.0.0-alpha", "3.0.0-rc.1"),
        ("x@1.9.0", "1.9.0"),
        ("@angular/cli", "17.0.0"),
        ("@angular/cli@16", "16.0.0"),
    ],
)
def test_what_npm_would_take(served: Site, spec: str, version: str) -> None:
    assert served.ask("npm", spec) == {spec: version}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("nosuch", "no package nosuch in the registry"),
        ("x@^9", "no version of x is in '^9'"),
        ("x@nosuchtag", "no version of x is in 'nosuchtag'"),
        ("./local", "not the name of an npm package"),
        ("@angular", "not the name of an npm package"),
        ("a b", "not the name of an npm package"),
        ("../x", "not the name of an npm package"),
        ("", "not the name of an npm package"),
        ("x@github:user/x", "x comes from an address"),
        ("x@npm:y@1", "x comes from an address"),
        ("x@file:../y", "x comes from an address"),
        ("x" * 5000, "not the name of an npm package"),
        ("x@" + "1" * 300, "no version of x"),
    ],
    ids=lambda value: value[:30],
)
def test_no_answer_is_a_reason(served: Site, spec: str, said: str) -> None:
    answer = served.ask("npm", spec)[spec]
    assert said in reason(answer)
    assert isinstance(answer, Unknown)
    assert answer.absent


def test_versions_that_mean_something_to_a_shell_are_not_taken(served: Site) -> None:
    served.files["/npm/evil"] = packument("1.0.0;reboot", ["1.0.0;reboot", "$(x)"])
    assert "no version of evil" in reason(served.ask("npm", "evil")["evil"])


@pytest.mark.parametrize(
    "body", [b"[]", b"<html>", b'{"dist-tags": []}', b'{"versions": {"1.0.0": 3}}', b"{" * 99_999]
)
def test_garbage_is_a_reason(served: Site, body: bytes) -> None:
    served.files["/npm/y"] = body
    assert "not a package of an npm registry" in reason(served.ask("npm", "y")["y"])
