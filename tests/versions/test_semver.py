from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import semantic_version
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.versions.semver import key

Compare = Callable[[str, str], int | None]
Start = Callable[..., Compare]
Rising = Callable[[str], list[list[str]]]

NUMBER = st.sampled_from(["0", "1", "2", "9", "10", "100"])
IDENTIFIER = st.one_of(NUMBER, st.text("019aZ-", min_size=1, max_size=4).filter(lambda text: text[0] != "0"))
VERSION = st.builds(
    lambda numbers, pre, build: ".".join(numbers) + ("-" + ".".join(pre) if pre else "") + build,
    st.lists(NUMBER, min_size=3, max_size=3),
    st.lists(IDENTIFIER, max_size=3),
    st.sampled_from(["", "+1", "+a.b"]),
)


@pytest.fixture(scope="module")
def node(oracle: Start, must_exist: Callable[[Path, str], Path]) -> Compare:
    npm = Path(shutil.which("npm") or "").resolve()
    return oracle(
        "node", "{oracles}/semver.js", str(must_exist(npm.parents[1] / "node_modules/semver", "npm"))
    )


def sign(one: str, two: str) -> int:
    return (key(one) > key(two)) - (key(one) < key(two))


@needs.tool("node", "npm")
def test_all_pairs_in_the_list_are_as_npm_says(node: Compare, rising: Rising) -> None:
    # JavaScript's numbers round from 2**53 on; the specification has no limit.
    texts = [text for text in itertools.chain(*rising("semver")) if not re.search("[0-9]{16}", text)]
    pairs = list(itertools.combinations(texts, 2))
    answers = [(pair, answer) for pair in pairs if (answer := node(*pair)) is not None]
    assert len(answers) > 300
    assert [pair for pair, answer in answers if answer != sign(*pair)] == []


@needs.tool("node", "npm")
@settings(max_examples=500, deadline=None)
@given(one=VERSION, two=VERSION)
def test_npm_agrees(node: Compare, one: str, two: str) -> None:
    assert sign(one, two) == node(one, two)


@settings(max_examples=300, deadline=None)
@given(one=VERSION, two=VERSION)
def test_semantic_version_agrees(one: str, two: str) -> None:
    keys = [semantic_version.Version(text.partition("+")[0]).precedence_key for text in (one, two)]
    assert sign(one, two) == (keys[0] > keys[1]) - (keys[0] < keys[1])


@pytest.mark.parametrize(
    "text",
    [
        *("latest", "v", "1.x", "1.*", "1.0_2", "1..0", "1.0.", ".1", "1.0.34.x", "-1", "+1", ">=1.0"),
        *("1.0.0-", "1.0.0-a..b", "1.0.0-a.", "1.0.0-é", "1.0.0 beta"),
    ],
)
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match=r"^not a semantic version: "):
        key(text)


@pytest.mark.parametrize(
    ("installed", "fixed", "is_fixed"),
    [
        pytest.param(
            "v0.0.0-20170330155735-e4e2799dd7aa",
            "0.0.0-20250101000000-000000000000",
            False,
            id="older pseudo",
        ),
        pytest.param("v1.2.4-0.20240101000000-abcdef123456", "1.2.3", True, id="pseudo after a tag"),
        pytest.param("v1.2.4-0.20240101000000-abcdef123456", "1.2.4", False, id="pseudo before a tag"),
        pytest.param("v8.1.7+incompatible", "8.1.7", True, id="incompatible"),
        pytest.param("1.2.4-rc.1", "1.2.4-0", True, id="RustSec's next version"),
        pytest.param("1.2.3", "1.2.4-0", False, id="below RustSec's next version"),
        pytest.param("v4", "4.0.0", True, id="a tag of an action"),
    ],
)
def test_against_an_advisory(installed: str, fixed: str, *, is_fixed: bool) -> None:
    assert (key(installed) >= key(fixed)) is is_fixed


def test_zero_is_the_beginning_of_time() -> None:
    assert key("0") == b""
    assert key("0.0") == key("0.0.0") > key("0.0.0-0") > key("0")
