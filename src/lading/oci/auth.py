"""Authentication to a registry: challenges, basic, and bearer tokens.

A registry answers 401 with challenges; a bearer challenge names a token server (realm), which gives
a token for a scope and some time. Specifications: RFC 9110, 11.6.1 and the distribution project's
"Token Authentication" (jwt.md, oauth.md).
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

import msgspec

from lading import faults
from lading.errors import DeniedError, MalformedError
from lading.net import Client
from lading.oci.credentials import Credential, Found

MAX_TOKEN_BYTES = 2**20
# By the token specification, a lifetime that is not stated is this long, and none is shorter.
_MIN_LIFETIME_S = 60
_MAX_CHALLENGE_CHARS = 8192
_PART = re.compile(
    r"""([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})   # a scheme, or the name of a parameter
    (?:[ ]?=[ ]?(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?""",
    re.ASCII | re.VERBOSE | re.DOTALL,
)


class Challenge(msgspec.Struct, frozen=True):
    """A way to prove who we are, as a server offers it. scheme and names of params are lower case."""

    scheme: str
    params: dict[str, str]


class _TokenAnswer(msgspec.Struct):
    token: str | None = None
    access_token: str | None = None
    expires_in: float | None = None
    refresh_token: str | None = None


def parse_challenges(header: str) -> list[Challenge]:
    """Return the challenges in a WWW-Authenticate header, in order; what is no challenge is passed over."""
    challenges: list[Challenge] = []
    for part in _PART.finditer(header[:_MAX_CHALLENGE_CHARS]):
        name, quoted, plain = part.groups()
        if quoted is None and plain is None:
            challenges.append(Challenge(name.lower(), {}))
        elif challenges:
            value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else plain
            challenges[-1].params.setdefault(name.lower(), value)
    return challenges


class Authenticator:
    """The Authorization headers for one repository of one registry; threads may share it.

    scopes: what is asked for, as in `repository:library/alpine:pull`.
    """

    def __init__(self, client: Client, where: str, found: Found, scopes: Collection[str]) -> None:
        self._client = client
        self._where = where
        self._found = found
        self._scopes = tuple(scopes)
        self._lock = threading.Lock()
        self._challenge: Challenge | None = None
        self._header = ""
        self._valid_until_s = float("inf")
        credential = found.credential
        self._refresh_token = credential.identity_token if credential else ""
        if credential is not None and credential.registry_token:
            self._header = f"Bearer {credential.registry_token}"

    def header(self) -> str:
        """Return what to send, empty for nothing; a token about to expire is changed for a new one."""
        with self._lock:
            if self._challenge is not None and self._client.clock() >= self._valid_until_s:
                self._header = self._token(self._challenge)
            return self._header

    def answer(self, header: str, used: str, url: str) -> bool:
        """Take up the challenges of a 401; tell whether there is now something else to send.

        header: WWW-Authenticate. used: what was sent. url: what was asked for.
        """
        with self._lock:
            if used != self._header:
                return True  # another thread has been here in the meantime
            offered = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
            if bearer := offered.get("bearer"):
                self._check_realm(bearer, url)
                self._challenge = bearer
                self._header = self._token(bearer)
            elif "basic" in offered and (credential := self._found.credential):
                self._header = _basic(credential)
            return self._header != used

    def hint(self) -> str:
        """Return what to do for who is denied access."""
        if self._found.problem:
            return f"no credentials were used: {self._found.problem}"
        if self._found.credential is not None:
            return f"the credentials from {self._found.credential.source} were not accepted: log in again"
        host = self._where.partition("/")[0]
        return f"log in with `docker login {host}` or `podman login {host}`, or check the name"

    def _check_realm(self, challenge: Challenge, url: str) -> None:
        realm = challenge.params.get("realm", "")
        if not realm.startswith(("https://", "http://")):
            raise MalformedError(f"the token server {faults.redact(realm)!r} is not an http URL", self._where)
        plain = realm.startswith("http://") and url.startswith("https://")
        if plain and not self._client.is_insecure(url):
            raise DeniedError(
                f"the token server {faults.redact(realm)} is without TLS, though the registry has it",
                self._where,
                "allow it with --insecure",
            )

    def _token(self, challenge: Challenge) -> str:
        """Ask the token server; identity tokens are handed in by POST, user and password by GET."""
        realm = challenge.params["realm"]
        fields = [("service", challenge.params["service"])] if "service" in challenge.params else []
        scopes = self._scopes or tuple(filter(None, [challenge.params.get("scope", "")]))
        credential = self._found.credential
        if self._refresh_token:
            form = [("grant_type", "refresh_token"), ("refresh_token", self._refresh_token)]
            form += [*fields, ("client_id", "lading"), ("scope", " ".join(scopes))]
            answer = self._ask("POST", realm, {"Content-Type": "application/x-www-form-urlencoded"}, form)
        else:
            fields += [("scope", scope) for scope in scopes]
            headers = {}
            if credential is not None and credential.user:
                fields.append(("account", credential.user))
                headers["Authorization"] = _basic(credential)
            answer = self._ask("GET", realm, headers, fields)
        token = answer.token or answer.access_token
        if not token or not token.isascii() or not token.isprintable():
            raise MalformedError("the token server gave no token", faults.redact(realm))
        if self._refresh_token and answer.refresh_token:
            self._refresh_token = answer.refresh_token
        lifetime_s = max(answer.expires_in or 0.0, _MIN_LIFETIME_S)
        # A little earlier than the end, for what is under way then.
        self._valid_until_s = self._client.clock() + lifetime_s * 0.9
        return f"Bearer {token}"

    def _ask(
        self, method: str, realm: str, headers: dict[str, str], fields: list[tuple[str, str]]
    ) -> _TokenAnswer:
        url, body = realm, urlencode(fields)
        if method == "GET":
            url, body = f"{realm}{'&' if urlsplit(realm).query else '?'}{body}", ""
        sent = body.encode() or None
        with self._client.open(
            method, url, headers=headers, body=sent, ok=(200, 400, 401, 403, 404), repeat=True
        ) as response:
            if response.status != 200:  # noqa: PLR2004 - OK
                raise response.error(self.hint())
            raw = response.read_all(MAX_TOKEN_BYTES)
        try:
            return msgspec.json.decode(raw, type=_TokenAnswer)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise MalformedError(
                "the token server's answer is not what it should be", faults.redact(realm)
            ) from error


def _basic(credential: Credential) -> str:
    pair = f"{credential.user}:{credential.secret}".encode("utf-8", "surrogateescape")
    return "Basic " + b64encode(pair).decode()
