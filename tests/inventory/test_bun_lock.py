from __future__ import annotations

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.bun_lock import BUN_LOCK

TEXT = """\
{
  "lockfileVersion": 1,
  // written by machine, // twice
  "workspaces": {
    "": {
      "name": "app",
      "dependencies": {"@babel/core": "7.0.0", "lo": "npm:lodash@4.17.15",},
      "devDependencies": {"mkdirp": "0.5.1",},
    },
    "packages/mine": {"name": "mine", "version": "0.1.0", "optionalDependencies": {"fsevents": "2.3.0"},},
  },
  "packages": {
    "@babel/core": ["@babel/core@7.0.0", "", {"dependencies": {"debug": "^4", "traverse": "^1"}}, "sha512-a,]=="],
    "@babel/traverse": ["@babel/traverse@9.0.0", "", {}, "sha512-aa=="],
    "debug": ["debug@4.0.0", "", {}, "sha512-\\"//no comment,}"],
    "fsevents": ["fsevents@2.3.0", "", {"os": "darwin"}, "sha512-aa=="],
    "lo": ["lodash@4.17.15", "", {}, "sha512-aa=="],
    "mine": ["mine@workspace:packages/mine"],
    "minimist": ["minimist@1.0.0", "", {}, "sha512-aa=="],
    "mkdirp": ["mkdirp@0.5.1", "", {"dependencies": {"minimist": "0.0.8"}}, "sha512-aa=="],
    "mkdirp/minimist": ["minimist@0.0.8", "", {}, "sha512-aa=="],
    "traverse": ["traverse@1.0.0", "", {}, "sha512-aa=="],
  },
}
"""


def test_bun_lock() -> None:
    assert reading.pins(BUN_LOCK, "srv/bun.lock", TEXT) == [
        ("@babel/core", "7.0.0", 0, ""),
        ("@babel/traverse", "9.0.0", 0, "dev"),
        ("debug", "4.0.0", 0, ""),
        ("fsevents", "2.3.0", 0, ""),
        ("lodash", "4.17.15", 0, ""),
        ("minimist", "1.0.0", 0, "dev"),
        ("mkdirp", "0.5.1", 0, "dev"),
        ("minimist", "0.0.8", 0, "dev"),
        ("traverse", "1.0.0", 0, ""),
    ]


@pytest.mark.parametrize(
    "text", ["{}", '{"packages": 3}', '{"packages": {"a": [], "b": [3], "c": {}}, "workspaces": {"": 3}}']
)
def test_other_documents(text: str) -> None:
    assert reading.facts(BUN_LOCK, "bun.lock", text) == []


def test_of_an_installed_package() -> None:
    assert reading.facts(BUN_LOCK, "srv/node_modules/a/bun.lock", TEXT) == []


def test_broken() -> None:
    with pytest.raises(MalformedError, match=r"bun\.lock: not a JSON object"):
        reading.facts(BUN_LOCK, "bun.lock", TEXT[:-3])


@pytest.mark.parametrize(
    "text", ["," * 10**7, '"' * 10**6, ('"' + "\\" * 9) * 10**6, ("," + " " * 99) * 10**5]
)
def test_what_loosens_the_syntax_ends_soon(text: str) -> None:
    reading.survives(BUN_LOCK, "bun.lock", text)
