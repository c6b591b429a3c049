from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import MalformedError
from lading.lint import pins_npm_range as ranges

VERSIONS = [
    f"{major}.{minor}.{patch}{pre}"
    for major, minor, patch in itertools.product((0, 1, 2, 10), (0, 2, 3), (0, 1, 3))
    for pre in ("", "-0", "-alpha", "-alpha.1", "-beta.11", "-beta.2")
]
RANGES = [
    "", "*", "x", "1", "1.x", "1.2.x", "1.2", "v1.2.3", "=1.2.3", "1.2.3", "^1.2.3", "^0.2.3", "^0.0.3", "^0.0", "^0", "^1.x",
    "^0.0.0", "^1.2.3-beta.2", "~1.2.3", "~1.2", "~1", "~>1.2", "~0", "~1.2.3-alpha", ">1", ">1.2", ">1.2.3", ">=1", ">=1.2",
    "<2", "<1.2", "<1.2.3", "<=1", "<=1.2", "<=1.2.3", ">1.2.3-alpha", ">=1.2.3-alpha <1.2.3", "<1.2.3-beta.2", "1 - 2",
    "1.2 - 2.3", "1.2.3 - 2.0.0", "1.2.3-alpha - 1.2.3", "1.0.0 || 2.x", "^1 || ^2.2", ">1 <2", "> 1 < 2", "^ 1.2", "~ 1.2",
    ">= 1.2.3", "<*", ">*", ">=*", "<=x", "1.2.3+build", "1.02", "1.2.3 1.2.3", "||", "1||", "x - 2", "1 - x",
    "=1", "=1.2", "v1", "^v1.2", ">=v1", "^*", "~*",
]  # fmt: skip
BAD = ["latest", "1.2.3.4", "^", ">", "1,2", "a.b", "^1.2.3-", "file:x", "%", "1..2", "1.2.3-a..b"]

SEMVER = Path("/usr/lib/node_modules/npm/node_modules/semver")
SCRIPT = """
const semver = require(process.argv[1]); const [versions, ranges] = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(ranges.map(r => semver.validRange(r, {loose: true}) === null ? null :
  versions.filter(v => semver.satisfies(v, r, {loose: true})))));
"""


def _module() -> Path:
    root = subprocess.run(
        ["npm", "root", "-g"], capture_output=True, text=True, timeout=60, check=False
    ).stdout.strip()
    found = [Path(root) / "npm/node_modules/semver", SEMVER, Path("/usr/share/nodejs/semver")]
    return next((path for path in found if path.is_dir()), SEMVER)


def ours(text: str) -> list[str] | None:
    try:
        fits = ranges.satisfies(text)
    except MalformedError:
        return None
    return [one for one in VERSIONS if (made := ranges.version(one)) is not None and fits(made)]


@needs.tool("node", "npm")
def test_as_npm_itself() -> None:
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(_module())],
        input=json.dumps([VERSIONS, RANGES + BAD]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said = dict(zip(RANGES + BAD, json.loads(done.stdout), strict=True))
    assert {text: ours(text) for text in RANGES + BAD} == said


@pytest.mark.parametrize("text", ["latest", "1 || a", "x" * 300, "^1.2.3.4", "1 -", "1.x.3", "*.1"])
def test_no_range(text: str) -> None:
    with pytest.raises(MalformedError, match="not a range of versions"):
        ranges.satisfies(text)


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("1.2.3", True),
        ("v1.2.3", True),
        ("1.2.3+b", True),
        ("1.2.3-a", False),
        ("1.2", None),
        ("01.2.3", None),
    ],
)
def test_version(text: str, *, final: bool | None) -> None:
    made = ranges.version(text)
    assert (None if made is None else ranges.is_final(made)) is final


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0129.xX*^~<>= |-+vab\u0661", max_size=40))
def test_any_text(text: str) -> None:
    ours(text)
