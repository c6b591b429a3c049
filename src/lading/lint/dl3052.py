"""DL3052: labels that are no URL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# RFC 3986, appendix A, but for the address in brackets.
_URI = re.compile(
    r"""[A-Za-z][A-Za-z0-9+.-]*:
    (?: // (?: (?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})* @ )?
           (?: \[ (?P<address>[^\[\]]*) \] | (?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})* )
           (?: : [0-9]* )? (?= [/?\#] | \Z )
      | (?!//) )
    (?: [A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2} )*
    (?: \? (?: [A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2} )* )?
    (?: \# (?: [A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2} )* )?""",
    re.VERBOSE,
)
# RFC 6874 puts a zone behind the address.
_ZONE = re.compile(r"%25(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")
_FUTURE = re.compile(r"[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `url` that are none."""
    return labels.ill_typed(subject, "url", _is_valid, "a URL with its scheme, such as https://example.com/a")


def _is_valid(value: str) -> bool:
    found = _URI.fullmatch(value)
    return found is not None and (found["address"] is None or _is_address(found["address"]))


def _is_address(text: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address

    address, mark, zone = text.partition("%")
    if _FUTURE.fullmatch(text):
        return True
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    return not mark or bool(_ZONE.fullmatch(mark + zone))


RULE = Rule(
    code="DL3052",
    title="A label that should be a URL is none.",
    level=Level.WARNING,
    why=labels.why(
        "A URL is written as in RFC 3986: with its scheme, and with %20 for what is no letter of it.",
        "https://www.rfc-editor.org/rfc/rfc3986",
    ),
    check=check,
    config=Config(labels={"it": "url"}),
    bad=(
        "FROM debian:12\nLABEL it=example.com\n",
        'FROM debian:12\nLABEL it="https://example.com/a b"\n',
        "FROM debian:12\nLABEL it=http://[1::2::3]/\n",
        "FROM debian:12\nLABEL it=$URL\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=https://example.com/a%20b?c=d#e\n",
        "FROM debian:12\nLABEL it=http://me@[2001:db8::1%25eth0]:8080\n",
        "FROM debian:12\nLABEL it=mailto:me@example.com\n",
        "FROM debian:12\nLABEL other=example.com\n",
    ),
)
