r"""The bytes of a JSON document: the same for the same values, and safe to show.

JSON itself escapes only what lies below U+0020. A file is looked at in terminals and editors, too,
so all that cannot be printed is escaped as `\u202e`, which a JSON parser undoes.
"""

from __future__ import annotations

import re

import msgspec

from lading.report.text import clean

# Above ASCII: controls, format characters with the bidirectional overrides, line and paragraph
# separators (categories Cc, Cf, Zl, Zp of Unicode 15), private use and non-characters.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ue000-\uf8ff\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_BASIC_PLANE_END = 0x10000


def write(value: object) -> bytes:
    r"""Return `value` as indented JSON in UTF-8 with a line end.

    value: dictionaries, lists, strings, numbers, and msgspec records. Keys stay in their order.
    Surrogates, which stand for bytes of a path that are not UTF-8, become visible escapes (`\xff`).
    """
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(value)))
    text = msgspec.json.format(data, indent=2).decode()
    return (_UNSAFE.sub(_escape, text) + "\n").encode()


def embed(value: object) -> str:
    """Return `value` as JSON in ASCII on one line, such that it may stand inside an HTML `script`."""
    text = write(value).decode()
    text = msgspec.json.format(text.encode(), indent=-1).decode()
    return re.sub(r"[<>&\u0080-\U0010ffff]", _escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _BASIC_PLANE_END:
        return f"\\u{code:04x}"
    code -= _BASIC_PLANE_END
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return _without_surrogates(value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value


def _without_surrogates(text: str) -> str:
    return re.sub(r"[\ud800-\udfff]", lambda match: clean(match[0]), text)
