"""DL3054: labels that are no licence of SPDX's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# Longer or deeper ones are none: the parser below leans on Python's own.
_MAX_CHARS = 400
_MAX_DEPTH = 10
_NAME = re.compile(r"[A-Za-z0-9.:+-]+")
_OPERATORS = frozenset({"AND", "OR", "WITH"})
# A licence that another document of SPDX's explains.
_DOCUMENT = re.compile(r"\bDocumentRef-[A-Za-z0-9.-]+:(?=LicenseRef-)")
# Names that the list has only so that old files can be read.
_OLD_GNU = re.compile(r"((?:[AL]?GPL|GFDL)-[0-9.]+)(\+?)|.*-(?:only|or-later)\+")
_OLD = frozenset(
    {
        "BSD-2-Clause-FreeBSD",
        "BSD-2-Clause-NetBSD",
        "GPL-2.0-with-GCC-exception",
        "GPL-2.0-with-autoconf-exception",
        "GPL-2.0-with-bison-exception",
        "GPL-2.0-with-classpath-exception",
        "GPL-2.0-with-font-exception",
        "GPL-3.0-with-GCC-exception",
        "GPL-3.0-with-autoconf-exception",
        "Net-SNMP",
        "Nunit",
        "StandardML-NJ",
        "bzip2-1.0.5",
        "eCos-2.0",
        "wxWindows",
    }
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `spdx` that are none."""
    should_be = "a licence as SPDX names it, such as Apache-2.0 or MIT OR GPL-3.0-only"
    return labels.ill_typed(subject, "spdx", _is_valid, should_be, _mended)


def _is_valid(value: str) -> bool:
    """Whether it is an expression as in SPDX 2.3, annex D, in the letters of the list."""
    if len(value) > _MAX_CHARS or value.count("(") > _MAX_DEPTH or not value.isascii():
        return False
    if value[:1].isspace():
        return False
    text = _DOCUMENT.sub("", value)
    words = " ".join(text.replace("(", " ( ").replace(")", " ) ").split())
    words = words.replace("( ", "(").replace(" )", ")")
    return words != "" and words == _canonical(text) and not any(map(_is_old, _NAME.findall(text)))


def _is_old(name: str) -> bool:
    return _OLD_GNU.fullmatch(name) is not None or name.removesuffix("+") in _OLD


@lru_cache(maxsize=256)
def _canonical(text: str) -> str:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return ""


def _mended(value: str) -> str:
    """Return it with names in the letters of the list, and new names in place of old ones."""
    return _NAME.sub(lambda found: _mended_word(found[0]), value) if len(value) <= _MAX_CHARS else value


def _mended_word(word: str) -> str:
    if word.upper() in _OPERATORS:
        return word.upper()
    found = _OLD_GNU.fullmatch(_canonical(word) or word)
    if found and found[1]:
        return found[1] + ("-or-later" if found[2] else "-only")
    return _canonical(word) or word


RULE = Rule(
    code="DL3054",
    title="A label that should be a licence of SPDX's list is none.",
    level=Level.WARNING,
    why=labels.why(
        "Licences have names in SPDX's list; several are put together with AND, OR and WITH, as "
        "`org.opencontainers.image.licenses` wants it. Names that the list calls old, such as GPL-3.0, do not say "
        "whether later versions are meant.",
        "https://spdx.org/licenses/",
    ),
    check=check,
    fixable=True,
    config=Config(labels={"it": "spdx"}),
    bad=(
        "FROM debian:12\nLABEL it=mit\n",
        'FROM debian:12\nLABEL it="Apache License 2.0"\n',
        "FROM debian:12\nLABEL it=GPL-3.0+\n",
        'FROM debian:12\nLABEL it="MIT OR"\n',
        'FROM debian:12\nLABEL it="(MIT or LGPL-2.1"\n',
        'FROM debian:12\nLABEL it="MIT WITH MIT"\n',
    ),
    good=(
        "FROM debian:12\nLABEL it=Apache-2.0\n",
        'FROM debian:12\nLABEL it="MIT OR (Apache-2.0 AND BSD-3-Clause)"\n',
        'FROM debian:12\nLABEL it="GPL-2.0-or-later WITH Classpath-exception-2.0"\n',
        "FROM debian:12\nLABEL it=LicenseRef-Ours\n",
        "FROM debian:12\nLABEL other=mine\n",
    ),
)
