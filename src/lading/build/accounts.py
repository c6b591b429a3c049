"""Users and groups by the names that an image's `/etc/passwd` and `/etc/group` give them.

Formats: passwd(5), group(5). `identity` is how a runtime reads USER (runc, `docker run --user`), `owner` how
Docker reads `--chown`. Lines that cannot be read are passed over, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lading.errors import MalformedError

MAX_BYTES = 4 * 2**20
MAX_ID = 2**32 - 2
_PASSWD_FIELDS, _GROUP_FIELDS = 7, 4


class User(msgspec.Struct, frozen=True):
    """A line of passwd."""

    name: str
    uid: int
    gid: int
    home: str


class Group(msgspec.Struct, frozen=True):
    """A line of group."""

    name: str
    gid: int
    members: tuple[str, ...]


class Identity(msgspec.Struct, frozen=True):
    """Who a process is. groups: all, `gid` first: who is denied something as its member cannot leave it (CVE-2022-36109).

    home: from passwd, `/` for who is not in it.
    """

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = "/"


class Accounts(msgspec.Struct, frozen=True):
    """The accounts of an image, in the order of the files; of two with one name the first counts."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()

    def identity(self, text: str) -> Identity:
        """Return who `USER[:GROUP]` is, each a name or a number; empty for root.

        Without a group, it is the user's own, and further ones come from group(5); a number that passwd does
        not know has group 0. Raises `MalformedError` for a name that there is none of, and for no number.
        """
        user, colon, group = text.partition(":")
        user = user or "0"
        known = self._user(user)
        uid = known.uid if known else _number(user, "user", "/etc/passwd")
        home = known.home if known else "/"
        if colon and group:
            gid, others = self._gid(group), set()
        else:
            gid = known.gid if known else 0
            others = {one.gid for one in self.groups if known and known.name in one.members}
        return Identity(uid, gid, (gid, *sorted(others - {gid})), home)

    def owner(self, text: str) -> tuple[int, int]:
        """Return the uid and gid that `--chown=USER[:GROUP]` names.

        A number alone is the group's, too; a name alone brings the user's own group. Raises as `identity`.
        """
        user, colon, group = text.partition(":")
        if _is_number(user):
            uid = gid = _number(user, "user", "/etc/passwd")
        elif user:
            known = self._user(user)
            if known is None:
                raise _nobody(user, "user", "/etc/passwd")
            uid, gid = known.uid, known.gid
        else:
            uid = gid = 0
        return uid, self._gid(group) if colon and group else gid

    def _user(self, text: str) -> User | None:
        """Return the account of that name, else of that number."""
        named = next((one for one in self.users if one.name == text), None)
        if named is not None or not _is_number(text):
            return named
        return next((one for one in self.users if one.uid == int(text)), None)

    def _gid(self, text: str) -> int:
        named = next((one for one in self.groups if one.name == text), None)
        return named.gid if named else _number(text, "group", "/etc/group")


def read(passwd: bytes, group: bytes) -> Accounts:
    """Return the accounts in the content of both files, either of which may be empty."""
    users = (
        User(fields[0], int(fields[2]), int(fields[3]), fields[5] or "/")
        for fields in _lines(passwd, _PASSWD_FIELDS)
        if _is_number(fields[2]) and _is_number(fields[3])
    )
    groups = (
        Group(fields[0], int(fields[2]), tuple(filter(None, fields[3].split(","))))
        for fields in _lines(group, _GROUP_FIELDS)
        if _is_number(fields[2])
    )
    return Accounts(tuple(users), tuple(groups))


def _lines(data: bytes, least: int) -> Iterator[list[str]]:
    for line in data[:MAX_BYTES].decode("utf-8", "surrogateescape").split("\n"):
        fields = line.strip().split(":")
        if len(fields) >= least and fields[0] and not fields[0].startswith("#"):
            yield fields


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID)) and int(text) <= MAX_ID


def _number(text: str, kind: str, file: str) -> int:
    if not _is_number(text):
        raise _nobody(text, kind, file)
    return int(text)


def _nobody(text: str, kind: str, file: str) -> MalformedError:
    return MalformedError(
        f"there is no {kind} {text[:80]!r} in {file}",
        hint=f"add it before, or give its number, up to {MAX_ID}",
    )
