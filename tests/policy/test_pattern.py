from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.errors import LadingError, LimitError, MalformedError
from lading.policy import pattern


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        pytest.param("etc/passwd", "etc/passwd", True, id="literal"),
        pytest.param("/etc/passwd", "etc/passwd", True, id="leading-slash"),
        pytest.param("./etc/passwd", "etc/passwd", True, id="leading-dot"),
        pytest.param("etc/passwd", "etc/passwd-", False, id="literal-is-whole"),
        pytest.param("etc/*", "etc/passwd", True, id="star"),
        pytest.param("etc/*", "etc/ssl/cert", False, id="star-stays-in-name"),
        pytest.param("etc/*", "etc", False, id="star-needs-its-name"),
        pytest.param("etc/**", "etc/ssl/cert.pem", True, id="double-star-deep"),
        pytest.param("etc/**", "etc", True, id="double-star-none"),
        pytest.param("**/cert.pem", "cert.pem", True, id="leading-double-star-none"),
        pytest.param("**/cert.pem", "a/b/cert.pem", True, id="leading-double-star"),
        pytest.param("**/cert.pem", "a/b/xcert.pem", False, id="double-star-is-whole-names"),
        pytest.param("a/**/b/**/c", "a/x/b/y/b/z/c", True, id="two-double-stars"),
        pytest.param("a/**/b/c", "a/b/b/x", False, id="double-star-near-miss"),
        pytest.param("a**/b", "ax/b", True, id="double-star-in-a-name-is-a-star"),
        pytest.param("a**/b", "a/x/b", False, id="double-star-in-a-name-stays"),
        pytest.param("*.dist-info/METADATA", "x.dist-info/METADATA", True, id="suffix"),
        pytest.param("py?hon", "python", True, id="one"),
        pytest.param("py?hon", "pyhon", False, id="one-is-not-none"),
        pytest.param("v[0-9].txt", "v7.txt", True, id="class"),
        pytest.param("v[!0-9].txt", "v7.txt", False, id="class-negated"),
        pytest.param("v[^0-9].txt", "vx.txt", True, id="class-negated-caret"),
        pytest.param("v[]x].txt", "v].txt", True, id="class-with-bracket"),
        pytest.param("v[a-].txt", "v-.txt", True, id="class-with-dash"),
        pytest.param("v[\\]].txt", "v].txt", True, id="class-escape"),
        pytest.param("lib{,64}/x", "lib64/x", True, id="braces"),
        pytest.param("lib{,64}/x", "lib/x", True, id="braces-empty"),
        pytest.param("lib{32,64}/x", "lib/x", False, id="braces-near-miss"),
        pytest.param("{a,b{c,d}}e", "bde", True, id="braces-nested"),
        pytest.param("{a,b{c,d}}e", "be", False, id="braces-nested-near-miss"),
        pytest.param("a\\*b", "a*b", True, id="escape"),
        pytest.param("a\\*b", "axb", False, id="escape-near-miss"),
        pytest.param("a\\{b", "a{b", True, id="escaped-brace"),
        pytest.param("a}", "a}", True, id="lone-closing-brace"),
        pytest.param("*a*b*c", "xxaxxbxxc", True, id="stars"),
        pytest.param("*a*b*c", "xxaxxbxxcx", False, id="stars-near-miss"),
        pytest.param("", "", True, id="empty"),
        pytest.param("", "a", False, id="empty-is-not-all"),
    ],
)
def test_paths(glob: str, path: str, *, fits: bool) -> None:
    assert pattern.matches_path(pattern.for_path(glob), path) is fits


@pytest.mark.parametrize(
    ("glob", "name", "fits"),
    [
        pytest.param("github.com/aws/*", "github.com/aws/sdk/v2", True, id="star-over-slash"),
        pytest.param("@babel/*", "@babel/core", True, id="scope"),
        pytest.param("@babel/*", "@babelx/core", False, id="scope-near-miss"),
        pytest.param("lib{ssl,crypto}*", "libcrypto3", True, id="braces"),
    ],
)
def test_names(glob: str, name: str, *, fits: bool) -> None:
    assert pattern.matches_name(pattern.for_name(glob), name) is fits


@pytest.mark.parametrize(
    ("glob", "everything"),
    [("*", True), ("**", True), ("{a,*}", True), ("*a", False), ("?", False), ("", False), ("\\*", False)],
)
def test_matches_all(glob: str, *, everything: bool) -> None:
    assert pattern.matches_all(pattern.for_name(glob)) is everything
    assert pattern.matches_all(pattern.for_path(glob)) is everything


def test_stars_only_leaves_other_signs_alone() -> None:
    assert pattern.matches_name(pattern.stars_only("3.[0]*"), "3.[0].1")
    assert not pattern.matches_name(pattern.stars_only("3.[0]*"), "3.0.1")


@pytest.mark.parametrize(
    ("text", "message"),
    [("a[b", r"has a \[ without \]"), ("a[", r"has a \[ without \]"), ("a{b,{c}", r"has a \{ without \}")],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        pattern.for_path(text)


def test_limits() -> None:
    with pytest.raises(LimitError, match="more than 256 alternatives"):
        pattern.for_path("{a,b}" * 30)
    with pytest.raises(LimitError, match="longer than 4096"):
        pattern.for_name("a" * 4097)


def test_no_pattern_hangs() -> None:
    assert not pattern.matches_path(pattern.for_path("*a" * 1000 + "b"), "a" * 4000)
    assert not pattern.matches_path(pattern.for_path("**/a/" * 400 + "b"), "/".join("a" * 2000))


@given(st.text("a*?[]{}!,-\\/", max_size=14), st.text("a*/-", max_size=10))
def test_any_text_gives_an_answer_or_an_error(glob: str, path: str) -> None:
    try:
        made = pattern.for_path(glob)
    except LadingError:
        return
    pattern.matches_path(made, path)


@given(st.text("ab/", max_size=12))
def test_a_path_fits_itself(path: str) -> None:
    bare = path.lstrip("/")
    assert pattern.matches_path(pattern.for_path(bare), bare)
