from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loopback
from lading import net
from lading.errors import DeniedError, LadingError, MalformedError
from lading.oci.auth import Authenticator, Challenge, parse_challenges
from lading.oci.credentials import Credential, Found
from loopback import Exchange

SCOPE = "repository:app:pull"
Answer = Callable[[Exchange], None]


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", []),
        ("Basic", [Challenge("basic", {})]),
        ('Basic realm="a b"', [Challenge("basic", {"realm": "a b"})]),
        (
            'Bearer realm="https://t/x?a=b,c",service="s",scope="repository:a:pull,push"',
            [Challenge("bearer", {"realm": "https://t/x?a=b,c", "service": "s", "scope": "repository:a:pull,push"})],
        ),
        ("BEARER Realm=x , SERVICE=y", [Challenge("bearer", {"realm": "x", "service": "y"})]),
        (
            'Bearer realm="r", Basic realm="b"',
            [Challenge("bearer", {"realm": "r"}), Challenge("basic", {"realm": "b"})],
        ),
        (r'Basic realm="a\"b\\c"', [Challenge("basic", {"realm": 'a"b\\c'})]),
        ('Basic realm="first", realm="second"', [Challenge("basic", {"realm": "first"})]),
        ('realm="lonely"', []),
        ('Bearer realm="open', [Challenge("bearer", {}), Challenge("realm", {}), Challenge("open", {})]),
    ],
)  # fmt: skip
def test_parse_challenges(header: str, challenges: list[Challenge]) -> None:
    assert parse_challenges(header) == challenges


@given(st.text('abB="\\, \t\n', max_size=200))
@settings(deadline=None)
def test_any_header(header: str) -> None:
    for challenge in parse_challenges(header):
        assert challenge.scheme == challenge.scheme.lower()


@pytest.mark.parametrize("piece", ['"\\', 'a="', "a=", "=", "a" * 300, 'a="\\"'])
def test_no_backtracking(piece: str) -> None:
    parse_challenges("Bearer " + piece * 10_000)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> net.Client:
    return net.client(environ={}, clock=clock, retry=net.Retry(sleep=lambda _: None))


def made(client: net.Client, credential: Credential | None = None, problem: str = "") -> Authenticator:
    return Authenticator(client, "r.io/app", Found(credential, problem), [SCOPE])


def giving(**answer: object) -> Answer:
    return lambda exchange: exchange.reply(body=json.dumps(answer).encode())


def bearer(realm: str) -> str:
    return f'Bearer realm="{realm}/token",service="svc",scope="repository:other:push"'


@pytest.mark.parametrize("field", ["token", "access_token"])
def test_token_for_nobody(client: net.Client, field: str) -> None:
    with loopback.serve(giving(**{field: "T"})) as server:
        auth = made(client)
        assert auth.header() == ""
        assert auth.answer(bearer(server.url), "", "http://r.io/v2/")
        assert auth.header() == "Bearer T"
        (seen,) = server.log
    # We say what we want; what the registry suggests may be more.
    assert parse_qs(urlsplit(seen.path).query) == {"service": ["svc"], "scope": [SCOPE]}
    assert "Authorization" not in seen.headers


def test_token_for_a_user(client: net.Client) -> None:
    with loopback.serve(giving(token="T")) as server:
        assert made(client, Credential("us er", "p:w")).answer(bearer(server.url), "", "http://r.io/v2/")
        (seen,) = server.log
    query = parse_qs(urlsplit(seen.path).query)
    assert query == {"service": ["svc"], "scope": [SCOPE], "account": ["us er"]}
    assert (seen.method, seen.headers["Authorization"]) == ("GET", "Basic dXMgZXI6cDp3")


def test_token_for_an_identity_token(client: net.Client, clock: Clock) -> None:
    with loopback.serve(giving(access_token="T", refresh_token="R2")) as server:
        auth = made(client, Credential(identity_token="R1"))
        assert auth.answer(bearer(server.url), "", "http://r.io/v2/")
        clock.now_s = 1000
        assert auth.header() == "Bearer T"
        forms = [parse_qs(seen.body.decode()) for seen in server.log]
        assert [seen.method for seen in server.log] == ["POST"] * 2
    common = {"grant_type": ["refresh_token"], "service": ["svc"], "client_id": ["lading"], "scope": [SCOPE]}
    assert forms == [{**common, "refresh_token": ["R1"]}, {**common, "refresh_token": ["R2"]}]


def test_realm_with_a_query(client: net.Client) -> None:
    with loopback.serve(giving(token="T")) as server:
        made(client).answer(f'Bearer realm="{server.url}/t?x=1"', "", "http://r.io/v2/")
        assert server.log[0].path == "/t?x=1&scope=repository%3Aapp%3Apull"


@pytest.mark.parametrize(
    ("lifetime_s", "still_s", "over_s"),
    [(None, 53.9, 54), (0, 53.9, 54), (-5, 53.9, 54), (300, 269, 270), (3600, 3239, 3240)],
)
def test_tokens_are_renewed_before_they_end(
    client: net.Client, clock: Clock, lifetime_s: float | None, still_s: float, over_s: float
) -> None:
    numbers = iter(range(10))

    def answer(exchange: Exchange) -> None:
        giving(token=f"T{next(numbers)}", expires_in=lifetime_s)(exchange)

    with loopback.serve(answer) as server:
        auth = made(client)
        auth.answer(bearer(server.url), "", "http://r.io/v2/")
        clock.now_s = still_s
        assert auth.header() == "Bearer T0"
        clock.now_s = over_s
        assert auth.header() == "Bearer T1"


def test_basic(client: net.Client) -> None:
    auth = made(client, Credential("u", "p"))
    assert auth.header() == ""
    assert auth.answer('Basic realm="x"', "", "https://r.io/v2/")
    assert auth.header() == "Basic dTpw"
    assert not auth.answer('Basic realm="x"', "Basic dTpw", "https://r.io/v2/")


def test_another_thread_was_faster(client: net.Client) -> None:
    auth = made(client, Credential("u", "p"))
    auth.answer("Basic", "", "https://r.io/v2/")
    assert auth.answer("Basic", "", "https://r.io/v2/")


def test_registry_token_is_sent_at_once(client: net.Client) -> None:
    assert made(client, Credential(registry_token="R")).header() == "Bearer R"


@pytest.mark.parametrize("header", ["", "Negotiate", "Basic", 'Digest realm="x"'])
def test_nothing_to_answer(client: net.Client, header: str) -> None:
    assert not made(client).answer(header, "", "https://r.io/v2/")


@pytest.mark.parametrize(
    ("realm", "url", "error", "message"),
    [
        ("", "http://r.io", MalformedError, "is not an http URL"),
        ("file:///etc/passwd", "http://r.io", MalformedError, "is not an http URL"),
        ("http://t.io", "https://r.io", DeniedError, "without TLS, though the registry has it"),
    ],
)
def test_realms_that_are_not_asked(
    client: net.Client, realm: str, url: str, error: type[LadingError], message: str
) -> None:
    with pytest.raises(error, match=message):
        made(client, Credential("u", "p")).answer(f'Bearer realm="{realm}"', "", url)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"{}", "gave no token", id="none"),
        pytest.param(b'{"token": ""}', "gave no token", id="empty"),
        pytest.param(b'{"token": null, "access_token": null}', "gave no token", id="null"),
        pytest.param(b'{"token": "a\\r\\nX: y"}', "gave no token", id="header-injection"),
        pytest.param(b'{"token": "\\u20ac"}', "gave no token", id="not-ascii"),
        pytest.param(b'{"token": 5}', "answer is not what it should be", id="number"),
        pytest.param(b"[" * 100_000, "answer is not what it should be", id="deep"),
        pytest.param(b"<html>", "answer is not what it should be", id="html"),
        pytest.param(b" " * 2**21, "more than", id="large"),
    ],
)
def test_token_servers_that_lie(client: net.Client, body: bytes, message: str) -> None:
    with (
        loopback.serve(lambda exchange: exchange.reply(body=body)) as server,
        pytest.raises(LadingError, match=message),
    ):
        made(client).answer(bearer(server.url), "", "http://r.io/v2/")


@pytest.mark.parametrize(
    ("credential", "problem", "hint"),
    [
        (None, "", "log in with `docker login r.io`"),
        (Credential("u", "p", source="/x/config.json"), "", "the credentials from /x/config.json were not accepted"),
        (None, "helper is not installed", "no credentials were used: helper is not installed"),
    ],
)  # fmt: skip
def test_denied(client: net.Client, credential: Credential | None, problem: str, hint: str) -> None:
    with (
        loopback.serve(lambda exchange: exchange.reply(401, b'{"details":"wrong password"}')) as server,
        pytest.raises(DeniedError, match="wrong password") as caught,
    ):
        made(client, credential, problem).answer(bearer(server.url), "", "http://r.io/v2/")
    assert hint in caught.value.hint
