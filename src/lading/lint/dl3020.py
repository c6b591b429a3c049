"""DL3020: ADD where COPY would do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Add, Onbuild
from lading.dockerfile.words import Word
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_ARCHIVE = re.compile(r".*\.(?:tar|tgz|txz|tlz|tpz|tZ|tbz2?|tb2|gz|bz2|xz|lz|lzma|Z)", re.DOTALL)
# Not known by hadolint as archives, but unpacked nevertheless, or better left to a person.
_PERHAPS = re.compile(r"(?i).*\.(?:tar\W?.*|t?zst|t[a-z]{1,3}\d?|gz|bz2?|xz|lzma|z)", re.DOTALL)
_REMOTE = re.compile(r"(?:https?|ssh|git)://|[\w.-]+@[\w.-]+:")
_ONLY_ADD = frozenset({"checksum", "keep-git-dir", "unpack"})
_WILD = re.compile(r"[*?\[]")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every ADD of something that is neither an archive nor fetched from elsewhere."""
    inside = {id(one.inner) for one in subject.all(Onbuild)}
    for add in subject.all(Add):
        local = [number for number in range(len(add.sources)) if not _needs_add(subject, add, number)]
        if local and id(add) not in inside:
            message = "ADD unpacks and fetches: use COPY for files and folders that are to arrive as they are"
            yield Found(add.keyword.span, message, _fix(subject, add, len(local) == len(add.sources)))


def _value(subject: Subject, add: Add, word: Word) -> str:
    text = word.value if add.is_json else subject.expanded(word, add)
    return word.value.strip("\"'") if text is None else text


def _needs_add(subject: Subject, add: Add, number: int) -> bool:
    if number in add.inline:
        return False
    text = _value(subject, add, add.sources[number])
    return bool(_ARCHIVE.fullmatch(text) or _REMOTE.match(text))


def _fix(subject: Subject, add: Add, every: bool) -> Fix | None:  # noqa: FBT001 - what `local` amounts to
    if not every or any(flag.name in _ONLY_ADD for flag in add.flags):
        return None
    names = [_value(subject, add, word) for at, word in enumerate(add.sources) if at not in add.inline]
    if any(_PERHAPS.fullmatch(name) or "$" in name or "://" in name for name in names):
        return None
    safe = not any(_WILD.search(name) for name in names)
    return Fix("Use COPY", (Edit(add.keyword.span, subject.keyword("COPY")),), safe=safe, reveals=True)


RULE = Rule(
    code="DL3020",
    title="Use COPY for files and folders.",
    level=Level.ERROR,
    why=(
        "ADD looks into what it is given: it fetches URLs, clones repositories, and unpacks whatever turns out to be "
        "an archive, by its content and not by its name. COPY puts files there and does nothing else, so that a file "
        "which happens to be compressed arrives as it was, and the reader need not guess."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nADD app.py /srv/\n",
        'FROM debian:12\nADD --chown=1000 ["a", "b", "/srv/"]\n',
        "FROM debian:12\nadd src* /srv/\n",
        "FROM debian:12\nADD app.py app.tar /srv/\n",
        "FROM debian:12\nADD $FILES /srv/\n",
        "FROM debian:12\nADD app.zip /srv/\n",
    ),
    good=(
        "FROM debian:12\nCOPY app.py /srv/\n",
        "FROM debian:12\nADD app.tar.gz /srv/\n",
        "FROM debian:12\nADD https://example.com/app /srv/\n",
        "FROM debian:12\nADD git@example.com:team/app.git /srv/\n",
        "FROM debian:12\nARG FILES=app.tar.xz\nADD $FILES /srv/\n",
        "FROM debian:12\nONBUILD ADD app.py /srv/\n",
    ),
)
