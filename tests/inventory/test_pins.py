from __future__ import annotations

import pytest

from lading.errors import LimitError
from lading.inventory import pins
from lading.inventory.pins import Pin
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

FILE = TreeFile("srv/x.lock", 0)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("package-lock.json", True),
        ("srv/app/yarn.lock", True),
        ("srv/vendors/composer.lock", True),
        ("srv/vendor", True),
        ("srv/node_modules/a/yarn.lock", False),
        ("lib/site-packages/a/requirements.txt", False),
        ("srv/vendor/a/b/composer.lock", False),
        ("var/gems/a-1/Gemfile.lock", False),
    ],
)
def test_own(path: str, *, own: bool) -> None:
    assert pins.is_own(path) is own


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (" 1.0\n", "1.0"),
        ("a b", ""),
        ("a\nb", ""),
        ("a\x1b[31m", ""),
        ("\ud800", ""),
        ("", ""),
        ("x" * 512, "x" * 512),
        ("x" * 513, ""),
        (1, ""),
        (None, ""),
        (["a"], ""),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_stated(value: object, text: str) -> None:
    assert pins.stated(value) == text


def test_packages() -> None:
    found = list(
        pins.packages(
            FILE,
            "npm",
            "node/x",
            [Pin("b", "2", 7, "dev", ("MIT",)), Pin("a", "1", 8), Pin("a", ""), Pin("a b", "1")],
        )
    )
    assert found == [
        Package(
            type="npm",
            name="b",
            version="2",
            licenses=("MIT",),
            locations=(Location("srv/x.lock", 7),),
            key="srv/x.lock:b@2",
            reader="node/x",
            scope="dev",
        ),
        Package(
            type="npm",
            name="a",
            version="1",
            locations=(Location("srv/x.lock", 8),),
            key="srv/x.lock:a@1",
            reader="node/x",
        ),
    ]


@pytest.mark.parametrize(
    ("scopes", "merged"),
    [
        (["dev", "dev"], "dev"),
        (["dev", ""], ""),
        (["", "dev"], ""),
        (["dev", "optional"], ""),
        (["dev", "", "dev"], ""),
    ],
)
def test_scope_of_what_is_pinned_twice(scopes: list[str], merged: str) -> None:
    found = list(pins.packages(FILE, "npm", "node/x", [Pin("a", "1", scope=scope) for scope in scopes]))
    assert [one.scope for one in found if isinstance(one, Package)] == [merged]


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "MAX_PINS", 3)
    assert len(list(pins.packages(FILE, "npm", "node/x", [Pin(str(at), "1") for at in range(3)]))) == 3
    with pytest.raises(LimitError, match=r"srv/x\.lock: more than 3 entries"):
        list(pins.packages(FILE, "npm", "node/x", [Pin(str(at), "1") for at in range(4)]))
