"""Commands that create accounts and groups, as three families of tools read their options.

- BusyBox: https://busybox.net/downloads/BusyBox.html (adduser, addgroup)
- Debian's adduser(8), a program of its own
- shadow's useradd(8) and groupadd(8); adduser is another name of useradd on Red Hat's systems
"""

from __future__ import annotations

from lading.lint.shell import Arg, Invocation
from lading.record import Record

CREATORS = ("adduser", "addgroup", "useradd", "groupadd")

# Options that take a value: letters, and long names.
_SHADOW_USER = (
    "bcdefgGkKpPRsuZ",
    "base-dir comment home-dir home expiredate inactive gid groups key password prefix root selinux-user shell skel uid",
)
_SHADOW_GROUP = ("gKpPRU", "gid key password prefix root users")
_USER = (
    "hgsGuk",
    "home shell uid gid ingroup gecos comment firstuid lastuid firstgid lastgid conf skel uid-min uid-max",
)
_GROUP = ("g", "gid conf firstgid lastgid")
_ONLY_TELL = frozenset({"help", "version"})


class Account(Record):
    """What a command creates. name: None where none is given. values: option -> its value, without dashes.

    flags: the options without a value. is_group: it is a group. is_sure: all words are known.
    """

    name: Arg | None
    values: dict[str, str]
    flags: frozenset[str]
    is_group: bool
    is_sure: bool

    @property
    def uid(self) -> str:
        """The number of the account, if it is given one."""
        uid = self.values.get("u") or self.values.get("uid") or ""
        return uid if uid.isdecimal() else ""

    @property
    def home(self) -> str:
        """The home folder, if it is given one."""
        named = (self.values.get(name) for name in ("h", "home", "d", "home-dir"))
        return next((one for one in named if one), "")


def read(command: Invocation, image: str) -> Account | None:
    """Return what a command creates on a system like that of `image`; None if it creates nothing."""
    if command.name not in CREATORS:
        return None
    is_group = command.name in {"addgroup", "groupadd"}
    letters, names = _options(command.name, is_red_hat(image))
    values: dict[str, str] = {}
    flags: set[str] = set()
    operands: list[Arg] = []
    pending = ""
    rest = False
    for arg in command.args:
        text = arg.masked
        if pending:
            values[pending] = arg.text
            pending = ""
        elif rest or not text.startswith("-") or text == "-":
            operands.append(arg)
        elif text == "--":
            rest = True
        elif text.startswith("--"):
            name, sign, value = text[2:].partition("=")
            if sign:
                values[name] = value
            elif name in names:
                pending = name
            else:
                flags.add(name)
        else:
            pending = _short(text[1:], letters, values, flags)
    if flags & _ONLY_TELL or (command.name == "useradd" and "D" in flags):
        return None
    # BusyBox's `addgroup USER GROUP` names the group last.
    name_at = -1 if is_group else 0
    return Account(
        operands[name_at] if operands else None,
        values,
        frozenset(flags),
        is_group,
        all(arg.literal for arg in command.args),
    )


def is_red_hat(image: str) -> bool:
    """Whether an image is of the family where adduser is useradd."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    known = ("fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "rhel", "ubi")
    return name.startswith(known)


def is_busybox(image: str) -> bool:
    """Whether an image's tools are BusyBox's."""
    name, _, tag = image.rpartition("/")[2].partition("@")[0].partition(":")
    return name in {"alpine", "busybox"} or "alpine" in tag


def _options(command: str, red_hat: bool) -> tuple[str, frozenset[str]]:  # noqa: FBT001 - one caller, by place
    if command == "groupadd":
        letters, names = _SHADOW_GROUP
    elif command == "addgroup":
        letters, names = _GROUP
    elif command == "useradd" or red_hat:
        letters, names = _SHADOW_USER
    else:
        letters, names = _USER
    return letters, frozenset(names.split())


def _short(text: str, letters: str, values: dict[str, str], flags: set[str]) -> str:
    """Read a group of letters; return the one whose value is the next word, if there is one."""
    for at, letter in enumerate(text):
        if letter in letters:
            if at + 1 == len(text):
                return letter
            values[letter] = text[at + 1 :]
            return ""
        flags.add(letter)
    return ""
