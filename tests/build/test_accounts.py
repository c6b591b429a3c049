from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.build.accounts import Accounts, Identity, read
from lading.errors import MalformedError

PASSWD = b"""root:x:0:0:root:/root:/bin/sh
app:x:1000:1001:An app:/srv:/bin/sh
# comment:x:1:1::/:
broken
huge:x:99999999999:1::/:
words:x:a:b::/:
42:x:7:8::/seven:
nohome:x:5:6:::
app:x:9:9::/second:
"""
GROUP = b"root:x:0:\nstaff:x:50:app,other\nwheel:x:10:root,app\napps:x:1001:\nbroken:x\n50:x:77:\n"
ACCOUNTS = read(PASSWD, GROUP)


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("", Identity(0, 0, (0, 10), "/root")),
        ("root", Identity(0, 0, (0, 10), "/root")),
        ("0", Identity(0, 0, (0, 10), "/root")),
        ("app", Identity(1000, 1001, (1001, 10, 50), "/srv")),
        ("1000", Identity(1000, 1001, (1001, 10, 50), "/srv")),
        ("app:staff", Identity(1000, 50, (50,), "/srv")),
        ("app:3", Identity(1000, 3, (3,), "/srv")),
        ("app:", Identity(1000, 1001, (1001, 10, 50), "/srv")),
        ("1234", Identity(1234, 0, (0,), "/")),
        ("1234:5678", Identity(1234, 5678, (5678,), "/")),
        ("42", Identity(7, 8, (8,), "/seven")),
        ("app:50", Identity(1000, 77, (77,), "/srv")),
        ("nohome", Identity(5, 6, (6,), "/")),
        (":staff", Identity(0, 50, (50,), "/root")),
    ],
)
def test_identities(text: str, identity: Identity) -> None:
    assert ACCOUNTS.identity(text) == identity


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("app", (1000, 1001)), ("1000", (1000, 1000)), ("55:staff", (55, 50)), ("app:0", (1000, 0)), ("10:11", (10, 11)),
        ("root", (0, 0)), ("", (0, 0)), (":staff", (0, 50)), ("4294967294", (4294967294, 4294967294)), ("app:apps", (1000, 1001)),
    ],
)  # fmt: skip
def test_owners(text: str, owner: tuple[int, int]) -> None:
    assert ACCOUNTS.owner(text) == owner


@pytest.mark.parametrize(
    "text", ["nobody", "-1", "4294967295", "1.5", "٣", "app:nogroup", "broken", "words", "huge", "a b"]
)
def test_nobody(text: str) -> None:
    with pytest.raises(MalformedError, match=r"there is no (user|group) .* in /etc/(passwd|group)"):
        ACCOUNTS.identity(text)
    with pytest.raises(MalformedError, match="there is no"):
        ACCOUNTS.owner(text)


def test_an_image_without_accounts() -> None:
    assert Accounts().identity("") == Identity(0, 0, (0,))
    assert Accounts().identity("5") == Identity(5, 0, (0,))
    with pytest.raises(MalformedError, match="no user 'app'"):
        Accounts().owner("app")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes(passwd: bytes, group: bytes) -> None:
    assert read(passwd, group).identity("0").uid == 0
