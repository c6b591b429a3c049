from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.errors import MalformedError
from lading.shellcheck.answer import Comment, Remedy, Replacement
from lading.shellcheck.json1 import decoded

REPLACEMENT: dict[str, Any] = {
    "line": 2,
    "endLine": 2,
    "column": 6,
    "endColumn": 6,
    "replacement": '"',
    "insertionPoint": "afterEnd",
    "precedence": 7,
}
COMMENT: dict[str, Any] = {
    "file": "/x/1",
    "line": 2,
    "endLine": 2,
    "column": 6,
    "endColumn": 8,
    "level": "info",
    "code": 2086,
    "message": "Quote this",
    "fix": {"replacements": [REPLACEMENT]},
}


def document(*comments: dict[str, Any]) -> bytes:
    return json.dumps({"comments": comments}).encode()


def test_comments_go_to_their_files() -> None:
    plain = COMMENT | {"file": "/x/0", "fix": None, "code": 2154, "level": "warning"}
    none, second, third = decoded(document(COMMENT, plain, COMMENT | {"line": 3}), ["/x/2", "/x/0", "/x/1"])
    assert none == ()
    assert [(one.code, one.level, one.fix) for one in second] == [(2154, "warning", None)]
    assert [one.line for one in third] == [2, 3]
    remedy = Remedy((Replacement(2, 6, 2, 6, '"', "afterEnd"),))
    assert third[0].fix == remedy
    assert (third[0].end_column, third[0].message) == (8, "Quote this")
    assert isinstance(third[0], Comment)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "cannot be read", id="nothing"),
        pytest.param(b"Segmentation fault", "cannot be read", id="words"),
        pytest.param(document(COMMENT)[:-5], "cannot be read", id="cut"),
        pytest.param(b"[]", "cannot be read", id="old-format"),
        pytest.param(b"\xff\xfe{}", "cannot be read", id="bytes"),
        pytest.param(document(COMMENT | {"code": "SC2086"}), "cannot be read", id="code-as-text"),
        pytest.param(document(COMMENT | {"level": "fatal"}), "cannot be read", id="level"),
        pytest.param(document(COMMENT | {"file": "/etc/passwd"}), "a file that it was not given: '/etc/pa", id="file"),
    ],
)  # fmt: skip
def test_garbage(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        decoded(data, ["/x/1"])


def test_every_cut_is_noticed() -> None:
    whole = document(COMMENT)
    assert len(decoded(whole, ["/x/1"])[0]) == 1
    for length in range(len(whole)):
        with pytest.raises(MalformedError):
            decoded(whole[:length], ["/x/1"])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100) | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["comments", "file", "line"]), inner)).map(lambda one: json.dumps(one).encode()))  # fmt: skip
def test_anything_gives_comments_or_an_error(data: bytes) -> None:
    try:
        found = decoded(data, ["/x/1"])
    except MalformedError:
        return
    assert found == [()]
