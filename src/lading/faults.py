"""What goes wrong on the line, as `LadingError`s, and what of it may be shown.

No text that leaves here holds a user, a password, the query of a URL (which may be signed) or a
control character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from lading.errors import DeniedError, LadingError, LimitError, MalformedError, UnavailableError
from lading.wire import TOO_SLOW

# Methods that do nothing twice (RFC 9110, 9.2.2), so that they may be sent again.
REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


def redact(url: str) -> str:
    """Return `url` fit to be shown: without user, password, query and fragment."""
    head, mark, _ = re.sub(r"[?#].*", "?", url, count=1, flags=re.DOTALL).partition("?")
    scheme, slashes, rest = head.partition("://")
    authority, slash, path = rest.partition("/")
    shown = f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}" if slashes else head
    return _printable(shown) + ("?..." if mark else "")


def caught() -> tuple[type[Exception], ...]:
    """Return what urllib3 and its ground raise on purpose, for an `except`."""
    import http.client

    import urllib3.exceptions

    return OSError, ValueError, LimitError, urllib3.exceptions.HTTPError, http.client.HTTPException


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what caused it, innermost last: urllib3 wraps what we want to know."""
    current: BaseException | None = error
    while current is not None:
        yield current
        inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = current.__cause__ or inner or current.__context__


def worth_another(error: Exception, attempt: int, *, repeatable: bool) -> bool:
    """Say whether to send a request again that broke with `error`, after that attempt, counted from 0.

    repeatable: sending it twice does no harm; without that, only if it was not sent at all.

    A server that stalls is asked twice, not five times: each time costs the whole time limit.
    """
    from urllib3 import exceptions

    if isinstance(error, exceptions.NewConnectionError):
        return not isinstance(error, exceptions.NameResolutionError)
    if isinstance(error, exceptions.ConnectTimeoutError):
        return attempt == 0
    if isinstance(error, (exceptions.SSLError, ValueError, LimitError)) or _not_http(error):
        return False
    if isinstance(error, (exceptions.TimeoutError, TimeoutError)):
        return attempt == 0 and repeatable
    return repeatable


def _not_http(error: Exception) -> bool:
    import http.client

    from urllib3 import exceptions

    broken = (http.client.RemoteDisconnected, http.client.IncompleteRead)
    return any(
        isinstance(link, (http.client.HTTPException, exceptions.InvalidHeader))
        and not isinstance(link, broken)
        for link in _chain(error)
    )


def translated(error: Exception, url: str) -> LadingError:  # noqa: PLR0911 - a table of causes
    """Return what the reader should be told of an error of `caught()` on a request to `url`."""
    from urllib3 import exceptions

    where = redact(url)
    links = list(_chain(error))
    slow = next((str(link) for link in links if str(link).startswith(TOO_SLOW)), "")
    match error:
        case LimitError():
            return LimitError(error.message, where)
        case exceptions.NameResolutionError():
            return UnavailableError(
                "no such host", where, "check the name, the network and the proxy settings"
            )
        case exceptions.SSLError():
            return _untrusted(links, where)
        case exceptions.ProxyError():
            return UnavailableError(f"the proxy does not serve: {_inmost(links)}", where, "check HTTPS_PROXY")
        case exceptions.NewConnectionError():
            if any(isinstance(link, PermissionError) for link in links):
                return DeniedError(f"no connection: {_inmost(links)}", where, "check your permissions")
            return UnavailableError(
                f"no connection: {_inmost(links)}", where, "check the address and the network"
            )
        case exceptions.TimeoutError() | TimeoutError():
            return UnavailableError(
                slow or "no answer in time", where, "try again later, or over another line"
            )
    if _not_http(error) or isinstance(error, ValueError):
        return MalformedError(f"not HTTP, or not a valid URL or header: {_inmost(links)}", where)
    return UnavailableError(f"the line was cut: {_inmost(links)}", where, "try again")


def _untrusted(links: list[BaseException], where: str) -> LadingError:
    import ssl

    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            return DeniedError(
                f"the certificate is not trusted: {link.verify_message}",
                where,
                "name its authority with SSL_CERT_FILE, or go without checks with --insecure",
            )
    return UnavailableError(
        f"no TLS connection: {_inmost(links)}", where, "a server that speaks plain http needs --insecure"
    )


def _inmost(links: list[BaseException]) -> str:
    """Return one line from the error that began it, fit to be shown."""
    from urllib3 import exceptions

    for link in links:
        if isinstance(link, exceptions.IncompleteRead):
            return f"{link.partial} bytes came, {link.expected} did not"
    last = links[-1]
    text = last.strerror if isinstance(last, OSError) and last.strerror else str(last) or type(last).__name__
    return shown(text)


def shown(text: str) -> str:
    """Return the first line, without control characters and secrets of URLs, at most 200 characters."""
    line = text.strip().partition("\n")[0][:2000]
    return _printable(re.sub(r"https?://[^\s\"'<>]+", lambda found: redact(found[0]), line))[:200]


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


class _Problem(msgspec.Struct):
    code: str = ""
    message: str = ""


class _ErrorBody(msgspec.Struct):
    """The shapes in which registries, token servers, Docker and OSV say what is wrong."""

    errors: list[_Problem] = []
    message: str = ""
    details: str = ""
    error: str = ""
    error_description: str = ""


def reason(body: bytes, content_type: str) -> str:
    """Return what the body of an error says, in one line; empty if it says nothing readable."""
    try:
        said = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        plain = content_type.startswith("text/plain")
        return shown(body.decode("utf-8", "replace")) if plain else ""
    listed = [" ".join(filter(None, (each.code, each.message))) for each in said.errors[:3]]
    texts = listed or [said.error_description or said.message or said.error or said.details]
    return shown("; ".join(texts))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in Retry-After, a date reckoned by the server's own; None without one."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    from email.utils import parsedate_to_datetime

    try:
        then, now = (parsedate_to_datetime(value) for value in (text, headers.get("Date", "")))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
