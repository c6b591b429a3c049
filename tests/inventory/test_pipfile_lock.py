from __future__ import annotations

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.pipfile_lock import PIPFILE_LOCK

TEXT = """{
  "_meta": {"hash": {"sha256": "x"}, "requires": {"version": "==3.11"}, "sources": []},
  "default": {
    "Flask": {"hashes": ["sha256:x"], "index": "pypi", "version": "==2.0.0"},
    "here": {"editable": true, "path": "."},
    "from-git": {"git": "https://example.org/x.git", "ref": "abc"},
    "both": {"version": "==1.0"}
  },
  "develop": {"pytest": {"markers": "python_version >= '3.9'", "version": "==8.0"}, "both": {"version": "==1.0"}},
  "docs": {"sphinx": {"version": "==7.0"}}
}"""


def test_pipfile_lock() -> None:
    assert reading.pins(PIPFILE_LOCK, "srv/Pipfile.lock", TEXT) == [
        ("flask", "2.0.0", 0, ""),
        ("both", "1.0", 0, ""),
        ("pytest", "8.0", 0, "dev"),
        ("sphinx", "7.0", 0, ""),
    ]


def test_of_an_installed_package() -> None:
    assert reading.facts(PIPFILE_LOCK, "lib/site-packages/a/Pipfile.lock", TEXT) == []


def test_broken() -> None:
    with pytest.raises(MalformedError, match=r"srv/Pipfile\.lock: not a JSON object"):
        reading.facts(PIPFILE_LOCK, "srv/Pipfile.lock", TEXT[:-1])
