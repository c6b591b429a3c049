from __future__ import annotations

import json

import pytest

import reading
from lading.errors import LimitError, MalformedError
from lading.inventory import npm_lock
from lading.inventory.npm_lock import NPM_LOCK

VERSION_1 = """{
  "name": "app", "version": "1.0.0", "lockfileVersion": 1, "requires": true,
  "dependencies": {
    "@babel/core": {"version": "7.0.0", "resolved": "https://example.org/core.tgz", "requires": {"debug": "^4"}},
    "debug": {"version": "4.0.0", "dev": true, "dependencies": {"ms": {"version": "2.0.0", "dev": true}}},
    "fsevents": {"version": "2.3.0", "optional": true, "bundled": true},
    "lo": {"version": "npm:lodash@4.17.15"},
    "scoped-alias": {"version": "npm:@s/x@1.0.0"},
    "from-git": {"version": "git+ssh://git@example.org/x.git#abc", "dependencies": {"deep": {"version": "1.0.0"}}},
    "from-url": {"version": "https://example.org/x.tgz"},
    "here": {"version": "file:../here"}
  }
}"""
VERSION_3 = """{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"name": "app", "version": "1.0.0", "license": "MIT"},
    "packages/mine": {"version": "0.1.0"},
    "node_modules/mine": {"resolved": "packages/mine", "link": true, "version": "0.1.0"},
    "node_modules/@babel/core": {"version": "7.0.0", "license": "MIT"},
    "node_modules/@babel/core/node_modules/debug": {"version": "3.0.0"},
    "node_modules/debug": {"version": "4.0.0", "dev": true, "license": {"type": "ISC"}},
    "node_modules/debug/node_modules/ms": {"version": "2.0.0", "dev": true},
    "packages/mine/node_modules/ms": {"version": "2.0.0", "inBundle": true},
    "node_modules/fsevents": {"version": "2.3.0", "optional": true},
    "node_modules/both": {"version": "1.0.0", "devOptional": true},
    "node_modules/lo": {"name": "lodash", "version": "4.17.15"},
    "node_modules/from-git": {"version": "1.2.3", "resolved": "git+ssh://git@example.org/x.git#abc"},
    "node_modules/no-version": {}
  }
}"""


def test_version_1() -> None:
    assert reading.pins(NPM_LOCK, "srv/package-lock.json", VERSION_1) == [
        ("@babel/core", "7.0.0", 0, ""),
        ("debug", "4.0.0", 0, "dev"),
        ("ms", "2.0.0", 0, "dev"),
        ("fsevents", "2.3.0", 0, "optional"),
        ("lodash", "4.17.15", 0, ""),
        ("@s/x", "1.0.0", 0, ""),
        ("deep", "1.0.0", 0, ""),
    ]


EXPECTED_3 = [
    ("@babel/core", "7.0.0", 0, ""),
    ("debug", "3.0.0", 0, ""),
    ("debug", "4.0.0", 0, "dev"),
    ("ms", "2.0.0", 0, ""),
    ("fsevents", "2.3.0", 0, "optional"),
    ("both", "1.0.0", 0, "optional"),
    ("lodash", "4.17.15", 0, ""),
    ("from-git", "1.2.3", 0, ""),
]


def test_version_3() -> None:
    assert reading.pins(NPM_LOCK, "npm-shrinkwrap.json", VERSION_3) == EXPECTED_3
    found = reading.packages(NPM_LOCK, "package-lock.json", VERSION_3)
    assert {one.name: one.licenses for one in found if one.licenses} == {
        "@babel/core": ("MIT",), "debug": ("ISC",)
    }  # fmt: skip


def test_version_2_has_both_forms_and_the_newer_counts() -> None:
    text = json.dumps({**json.loads(VERSION_1), **json.loads(VERSION_3), "lockfileVersion": 2})
    assert reading.pins(NPM_LOCK, "package-lock.json", text) == EXPECTED_3


def test_one_bad_entry_costs_itself() -> None:
    entries = (
        '{"node_modules/a": 3, "node_modules/b": {"version": 1e999}, "node_modules/c": {"version": "1"}}'
    )
    assert reading.pins(NPM_LOCK, "package-lock.json", f'{{"packages": {entries}}}') == [("c", "1", 0, "")]


@pytest.mark.parametrize("text", ["{}", '{"packages": []}', '{"packages": {}, "dependencies": 3}'])
def test_empty(text: str) -> None:
    assert reading.facts(NPM_LOCK, "package-lock.json", text) == []


def test_of_an_installed_package() -> None:
    assert reading.facts(NPM_LOCK, "srv/node_modules/a/package-lock.json", VERSION_1) == []


def test_deep() -> None:
    text = '{"dependencies":{"a":' * 200_000
    with pytest.raises(MalformedError, match="nested too deeply"):
        reading.facts(NPM_LOCK, "package-lock.json", text)


def test_deeper_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm_lock, "MAX_DEPTH", 3)
    text = '{"dependencies": {"a": ' * 5 + "{}" + "}}" * 5
    with pytest.raises(LimitError, match=r"package-lock\.json: dependencies nested too deeply"):
        reading.facts(NPM_LOCK, "package-lock.json", text)
