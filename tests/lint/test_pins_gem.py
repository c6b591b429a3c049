from __future__ import annotations

from collections.abc import Iterator

import pytest

from lading.lint import pins_gem
from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, reason, site

RAKE = """\
---
0.9.0 |checksum:aa
13.0.0.pre.1 |checksum:ab,ruby:>= 2.2,rubygems:> 1.3.1
10.9.0 |checksum:ac,ruby:>= 1.8.6
13.0.9 |checksum:ad,ruby:>= 2.2
13.10.0 json:~> 2.0&>= 1|checksum:ae,ruby:>= 2.3&< 4.0
13.11.0-java |checksum:af
13.12.0-x86_64-linux |checksum:b0,ruby:>= 3.2
14.0.0.beta |checksum:b1
"""


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        made.files = {"/gem/info/rake": RAKE.encode(), "/gem/info/pre": b"---\n1.0.a |checksum:aa\n"}
        yield made


@pytest.mark.parametrize(
    ("base", "version"),
    [
        ("", "13.12.0"),
        ("ruby:3.2-slim", "13.12.0"),
        ("ruby:3.1", "13.10.0"),
        ("ruby:2.2", "13.0.9"),
        ("ruby:2.1", "10.9.0"),
        ("ruby:1.8.5", "0.9.0"),
        ("debian:12", "13.12.0"),
    ],
)
def test_newest_that_runs(served: Site, base: str, version: str) -> None:
    assert served.ask("gem", "rake", base=base) == {"rake": version}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nosuch", "no gem nosuch in the index"),
        ("pre", "no release of pre"),
        ("./x.gem", "not the name of a gem"),
        ("../info", "not the name of a gem"),
        ("a b", "not the name of a gem"),
        ("", "not the name of a gem"),
        ("x" * 5000, "not the name of a gem"),
    ],
    ids=lambda value: value[:20],
)
def test_no_answer_is_a_reason(served: Site, name: str, said: str) -> None:
    answer = served.ask("gem", name)[name]
    assert said in reason(answer)
    assert isinstance(answer, Unknown)
    assert answer.absent


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff\x00", b"1.0 |\n---\n"])
def test_garbage_is_a_reason(served: Site, body: bytes) -> None:
    served.files["/gem/info/x"] = body
    assert "not a compact index of gems" in reason(served.ask("gem", "x")["x"])


def test_versions_that_mean_something_to_a_shell_are_not_taken(served: Site) -> None:
    served.files["/gem/info/x"] = b"---\n1;2 |c\n$(3) |c\n1.0 |c\n\n \n9`9` |c\n"
    assert served.ask("gem", "x") == {"x": "1.0"}


@pytest.mark.parametrize(
    ("requirement", "ruby", "result"),
    [
        (">= 2.3", "2.3", True),
        (">= 2.3.5", "2.3", True),
        (">= 2.4", "2.3", False),
        ("< 2.3", "2.3", False),
        ("> 2.3", "2.3.0", False),
        ("<= 2.3.0", "2.3.0", True),
        ("~> 2.3", "2.9", True),
        ("~> 2.3", "3.0", False),
        ("~> 2.3.1", "2.3", True),
        ("~> 2.3.1", "2.4", False),
        ("~> 2", "2.9", True),
        ("= 2.3.1", "2.3.1", True),
        ("2.3.1", "2.3.2", False),
        ("!= 2.3.1", "2.3.1", False),
        (">= 2.3&< 3", "3.0", False),
        ("garbage !", "3.0", True),
        (">= ", "3.0", True),
        ("", "3.0", True),
        (">= 9", "", True),
    ],
)
def test_runs(requirement: str, ruby: str, *, result: bool) -> None:
    assert pins_gem.runs(requirement, ruby) is result
