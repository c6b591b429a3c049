from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import loopback
import needs
from lading import net
from lading.errors import (
    DeniedError,
    LadingError,
    LimitError,
    MalformedError,
    StoppedError,
    UnavailableError,
    UsageError,
)
from loopback import Exchange

Make = Callable[..., net.Client]


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def make(slept: list[float]) -> Make:
    """Make clients that do not sleep, wait half a second at most, and know no proxy."""

    def made(*, retries: int = 4, timeout_s: float = 0.5, **options: object) -> net.Client:
        retry = net.Retry(retries=retries, sleep=slept.append, jitter=lambda: 0.5)
        options = {"environ": {}, "retry": retry, "timeout_s": timeout_s, **options}
        return net.client(**options)  # type: ignore[arg-type]  # the test's business

    return made


def get(client: net.Client, url: str, **options: object) -> bytes:
    with client.open("GET", url, **options) as response:  # type: ignore[arg-type]  # as above
        return response.read_all(2**20)


def test_importing_it_is_light() -> None:
    heavy = ["urllib3", "ssl", "socket", "http", "email", "urllib.request"]
    code = f"import lading.net, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_response(make: Make) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.reply(201, b"0123456789", {"X-Thing": "a"})

    with serve(answer) as server, make().open("POST", f"{server.url}/p?q", body=b"in", ok={201}) as response:
        assert (response.status, response.headers["x-thing"]) == (201, "a")
        assert response.read(4) == b"0123"
        assert response.read(100) + response.read(100) == b"456789"
        assert response.read(1) == b""
        seen = server.log[0]
        assert (seen.method, seen.path, seen.body) == ("POST", "/p?q", b"in")
        assert (seen.headers["User-Agent"], seen.headers["Accept-Encoding"]) == ("lading", "identity")


serve = loopback.serve


def test_large_body_goes_in_pieces(make: Make) -> None:
    data = bytes(range(256)) * 4096
    with serve(Exchange.reply) as server:
        make().open("PUT", server.url, body=data).close()
        assert server.log[0].body == data
        assert server.log[0].headers["Content-Length"] == str(len(data))


def test_connections_are_kept(make: Make) -> None:
    addresses = []

    def answer(exchange: Exchange) -> None:
        addresses.append(exchange.client_address)
        exchange.reply(body=b"x")

    with serve(answer) as server:
        client = make()
        assert [get(client, server.url) for _ in range(3)] == [b"x"] * 3
    assert len(set(addresses)) == 1


def test_threads_share_a_client(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(body=exchange.path.encode())) as server:
        client = make(timeout_s=10)
        found: dict[int, bytes] = {}

        def work(number: int) -> None:
            found[number] = get(client, f"{server.url}/{number}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: f"/{number}".encode() for number in range(20)}


def test_read_all_is_limited(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(body=b"x" * 100)) as server:
        with make().open("GET", server.url) as response:
            assert response.read_all(100) == b"x" * 100
        with (
            make().open("GET", server.url) as response,
            pytest.raises(LimitError, match="more than 99 bytes"),
        ):
            response.read_all(99)


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (401, DeniedError, "access denied"),
        (403, DeniedError, "access denied"),
        (404, UnavailableError, "not found"),
        (407, DeniedError, "the proxy wants a password"),
        (410, UnavailableError, "not found"),
        (400, UnavailableError, "the server refused the request"),
        (429, UnavailableError, "too many requests"),
        (500, UnavailableError, "the server failed"),
        (304, UnavailableError, "the server refused the request"),
    ],
)
def test_statuses(make: Make, status: int, error: type[LadingError], message: str) -> None:
    with serve(lambda exchange: exchange.reply(status)) as server:
        with pytest.raises(error, match=rf"{message} \(HTTP {status}\)") as caught:
            make().open("GET", f"{server.url}/thing?secret")
        assert caught.value.where == f"{server.url}/thing?..."
        assert make().open("GET", server.url, ok={status}).status == status


@pytest.mark.parametrize(
    ("status", "method", "tries"),
    [
        pytest.param(429, "GET", 5, id="too-many"),
        pytest.param(503, "GET", 5, id="unavailable"),
        pytest.param(502, "HEAD", 5, id="gateway"),
        pytest.param(504, "PUT", 5, id="gateway-timeout"),
        pytest.param(500, "GET", 1, id="server-error"),
        pytest.param(404, "GET", 1, id="not-found"),
        pytest.param(429, "POST", 5, id="post-not-done"),
        pytest.param(502, "POST", 1, id="post-perhaps-done"),
    ],
)
def test_which_statuses_are_tried_again(
    make: Make, slept: list[float], status: int, method: str, tries: int
) -> None:
    with serve(lambda exchange: exchange.reply(status)) as server:
        with pytest.raises(LadingError):
            make().open(method, server.url)
        assert len(server.log) == tries
    assert slept == [0.375, 0.75, 1.5, 3.0][: tries - 1]


def test_it_works_in_the_end(make: Make, slept: list[float]) -> None:
    left = [503, 429]

    def answer(exchange: Exchange) -> None:
        exchange.reply(left.pop() if left else 200, b"done")

    with serve(answer) as server:
        assert get(make(), server.url) == b"done"
    assert len(slept) == 2


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        pytest.param({"Retry-After": "7"}, [7.0], id="seconds"),
        pytest.param({"Retry-After": "0"}, [0.0], id="at-once"),
        pytest.param({"Retry-After": "soon"}, [0.375], id="nonsense"),
        pytest.param({"Retry-After": "-5"}, [0.375], id="negative"),
        pytest.param({"Retry-After": "Wed, 21 Oct 2015 07:28:09 GMT"}, [9.0], id="date"),
    ],
)
def test_retry_after(make: Make, slept: list[float], headers: dict[str, str], waits: list[float]) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.date_time_string = lambda *_: "Wed, 21 Oct 2015 07:28:00 GMT"  # type: ignore[method-assign]
        exchange.reply(429, headers=headers)

    with serve(answer) as server, pytest.raises(UnavailableError, match="too many requests"):
        make(retries=1).open("GET", server.url)
    assert slept == waits


@pytest.mark.parametrize("asked", ["61", "99999999999999999999"])
def test_retry_after_too_long_is_not_waited_for(make: Make, slept: list[float], asked: str) -> None:
    with serve(lambda exchange: exchange.reply(429, headers={"Retry-After": asked})) as server:
        with pytest.raises(UnavailableError, match="too many requests") as caught:
            make().open("GET", server.url)
        assert len(server.log) == 1
    assert caught.value.hint.startswith("try again in ")
    assert slept == []


def _cut(exchange: Exchange) -> None:
    exchange.cut()


@pytest.mark.parametrize(
    ("method", "repeat", "tries"),
    [
        ("GET", None, 5),
        ("PUT", None, 5),
        ("POST", None, 1),
        ("POST", True, 5),
        ("PUT", False, 1),
        ("PATCH", None, 1),
    ],
)
def test_a_cut_line_is_tried_again_unless_it_might_double(
    make: Make, method: str, *, repeat: bool | None, tries: int
) -> None:
    with serve(_cut) as server:
        with pytest.raises(UnavailableError, match="the line was cut"):
            make().open(method, server.url, repeat=repeat)
        assert len(server.log) == tries


def test_refused_connection_is_tried_again_for_any_method(make: Make, slept: list[float]) -> None:
    with serve(_cut) as server:
        url = server.url
    with pytest.raises(UnavailableError, match="no connection: Connection refused"):
        make().open("POST", url)
    assert len(slept) == 4


def test_retries_of_one_request(make: Make, slept: list[float]) -> None:
    with serve(_cut) as server, pytest.raises(UnavailableError):
        make().open("GET", server.url, retries=0)
    assert slept == []


def test_no_such_host_is_not_tried_again(make: Make, slept: list[float]) -> None:
    with pytest.raises(UnavailableError, match="no such host"):
        make().open("GET", "http://registry.invalid/")
    assert slept == []


@pytest.mark.parametrize(
    ("url", "error"),
    [
        pytest.param("ftp://host/", UsageError, id="scheme"),
        pytest.param("host/path", UsageError, id="none"),
        pytest.param("http://", UsageError, id="empty"),
        pytest.param("http://a b/", MalformedError, id="space"),
        pytest.param("http://[::1/", MalformedError, id="bracket"),
        pytest.param("http://host:99999/", MalformedError, id="port"),
        pytest.param("http://" + "a" * 300 + "/", MalformedError, id="long"),
        pytest.param("http://\udcff/", MalformedError, id="surrogate"),
    ],
)
def test_bad_urls(make: Make, url: str, error: type[LadingError]) -> None:
    with pytest.raises(error):
        make().open("GET", url)


@pytest.mark.parametrize("value", ["a\r\nInjected: 1", "\u20ac"])
def test_bad_header_values(make: Make, value: str) -> None:
    with serve(Exchange.reply) as server:
        with pytest.raises(MalformedError):
            make().open("GET", server.url, headers={"X": value})
        assert server.log == []


# A server that is slow or lies


def _stall_before(exchange: Exchange) -> None:
    exchange.stall()


def _stall_within(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    exchange.stall()


def _drip_body(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    exchange.drip()


def _drip_chunk_sizes(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    exchange.drip(b"0")


def _drip_headers(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\n")
    exchange.drip(b"X-Y: z\r\n")


@pytest.mark.parametrize(
    "answer", [_stall_before, _stall_within, _drip_body, _drip_chunk_sizes, _drip_headers]
)
def test_a_slow_server_is_given_up(make: Make, answer: Callable[[Exchange], None]) -> None:
    with serve(answer) as server:
        with pytest.raises(UnavailableError, match=r"no answer in time|too slow: \d+ bytes in"):
            get(make(timeout_s=0.3), server.url)
        assert len(server.log) <= 2


@pytest.mark.parametrize("answer", [_stall_before, _stall_within, _drip_body, _drip_headers])
def test_stopped_while_it_waits(make: Make, answer: Callable[[Exchange], None]) -> None:
    client = make(timeout_s=3600)
    threading.Timer(0.3, client.stop).start()
    with serve(answer) as server, pytest.raises(StoppedError):
        get(client, server.url)
    with pytest.raises(StoppedError):
        get(client, "http://127.0.0.1:9")


def test_stopped_between_two_attempts() -> None:
    client = net.client(environ={}, retry=net.Retry(base_s=50))
    threading.Timer(0.3, client.stop).start()
    with serve(lambda exchange: exchange.reply(503)) as server, pytest.raises(StoppedError):
        get(client, server.url)


def test_a_body_of_no_stated_length_is_not_over_where_it_was_cut(make: Make) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nsome")
        exchange.stall()

    client = make(timeout_s=60)
    with serve(answer) as server, client.open("GET", server.url) as response:
        assert response.read(4) == b"some"
        threading.Timer(0.3, client.stop).start()
        with pytest.raises(StoppedError):
            response.read(4)


def test_a_slow_caller_is_not_the_servers_fault(make: Make) -> None:
    ticks = iter(range(10**6))
    with serve(lambda exchange: exchange.reply(body=b"x" * 100_000)) as server:
        # Each look at the clock is a second later; only what passes within a receive may count.
        client = make(timeout_s=5, clock=lambda: next(ticks) / 10**4)
        with client.open("GET", server.url) as response:
            for _ in range(10):
                response.read(1000)
                for _ in range(60_000):
                    next(ticks)
            assert len(response.read_all(10**6)) == 90_000


def test_deadline(make: Make) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        exchange.drip(b"x" * 500)

    with serve(answer) as server, pytest.raises(UnavailableError, match=r"not done after 0\.2 s"):
        get(make(timeout_s=5, deadline_s=0.2, retries=0), server.url)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "3 bytes came, 7 did not", id="length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "cut", id="in-chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "cut", id="chunk-size"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "cut", id="end"),
    ],
)  # fmt: skip
def test_a_cut_body(make: Make, data: bytes, message: str) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(data)
        exchange.cut()

    with serve(answer) as server, pytest.raises(LadingError, match=message):
        get(make(), server.url)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x16\x03\x01\x02nonsense\r\n\r\n", id="not-http"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="status-not-a-number"),
        pytest.param(b"HTTP/1.1 200 " + b"a" * 70_000 + b"\r\n\r\n", id="long-line"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n", id="many-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", id="two-lengths"),
    ],
)
def test_not_http(make: Make, data: bytes) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(data)
        exchange.cut()

    with serve(answer) as server:
        with pytest.raises(MalformedError, match="not HTTP"):
            get(make(), server.url)
        assert len(server.log) == 1


@pytest.mark.parametrize(
    ("start", "again"),
    [
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, id="interim"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 1000, id="trailers"),
    ],
)  # fmt: skip
def test_endless_overhead(make: Make, start: bytes, again: bytes) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(start)
        exchange.drip(again, 0)

    with serve(answer) as server, pytest.raises(LimitError, match="bytes of HTTP headers") as caught:
        get(make(timeout_s=20), server.url)
    assert caught.value.where == server.url


# Redirects


def test_redirects_keep_what_is_secret_with_its_host(make: Make) -> None:
    secrets = {"Authorization": "Bearer token", "Cookie": "c", "Accept": "x"}
    with serve(lambda exchange: exchange.reply(body=b"there")) as other:

        def answer(exchange: Exchange) -> None:
            place = "/b" if exchange.path == "/a" else f"{other.url}/c?sig=1"
            exchange.reply(307, headers={"Location": place})

        with serve(answer) as first:
            assert get(make(), f"{first.url}/a", headers=secrets) == b"there"
            assert [seen.headers.get("Authorization") for seen in first.log] == ["Bearer token"] * 2
        (seen,) = other.log
        assert (seen.path, seen.headers["Accept"]) == ("/c?sig=1", "x")
        assert not {"Authorization", "Cookie"} & set(seen.headers)


@pytest.mark.parametrize(
    ("status", "method", "then", "body"),
    [
        (301, "GET", "GET", b""),
        (302, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (303, "HEAD", "HEAD", b""),
        (307, "POST", "POST", b"in"),
        (308, "PUT", "PUT", b"in"),
    ],
)
def test_method_after_redirect(make: Make, status: int, method: str, then: str, body: bytes) -> None:
    def answer(exchange: Exchange) -> None:
        if exchange.path == "/a":
            exchange.reply(status, headers={"Location": "b"})
        else:
            exchange.reply()

    with serve(answer) as server:
        make().open(method, f"{server.url}/a", body=b"in" if method in {"POST", "PUT"} else None).close()
        assert (server.log[1].method, server.log[1].path, server.log[1].body) == (then, "/b", body)


def test_redirects_end(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(302, headers={"Location": "/again"})) as server:
        with pytest.raises(UnavailableError, match="more than 10 redirects"):
            make().open("GET", server.url)
        assert len(server.log) == 11


def test_redirects_are_left_alone_on_request(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(302, headers={"Location": "/again"})) as server:
        assert make().open("GET", server.url, ok={302}, follow=False).headers["Location"] == "/again"


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://host/", "data:,x", "http://[::1"])
def test_redirects_lead_to_http_only(make: Make, place: str) -> None:
    with (
        serve(lambda exchange: exchange.reply(302, headers={"Location": place})) as server,
        pytest.raises(MalformedError),
    ):
        make().open("GET", server.url)


# What is shown


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param(b'{"errors":[{"code":"DENIED","message":"no","detail":{}}]}', "", "DENIED no", id="registry"),
        pytest.param(b'{"details":"bad token"}', "", "bad token", id="token-server"),
        pytest.param(b'{"error":"x","error_description":"why"}', "", "why", id="oauth"),
        pytest.param(b'{"message":"No such image"}', "", "No such image", id="docker"),
        pytest.param(b"line one\nline two", "text/plain", "line one", id="text"),
        pytest.param(b"<html>no</html>", "text/html", None, id="html"),
        pytest.param(b"\xff\xfe\x00", "", None, id="bytes"),
        pytest.param(b"[" * 10_000, "", None, id="deep"),
        pytest.param(b'{"message": "\x1b[31mred"}', "", None, id="not-json"),
        pytest.param(b'{"message": "\\u001b[31mred"}', "", r"\?\[31mred", id="control"),
        pytest.param(b'{"message": "see https://u:p@h/x?sig=1 now"}', "", r"see https://h/x\?\.\.\. now", id="url"),
        pytest.param(b'{"message": "' + b"a" * 5000 + b'"}', "", "a{200}", id="long"),
    ],
)  # fmt: skip
def test_what_the_server_says_is_shown(make: Make, body: bytes, kind: str, message: str | None) -> None:
    text = r"\(HTTP 403\)" if message is None else rf"\(HTTP 403: {message}\)"
    with (
        serve(lambda exchange: exchange.reply(403, body, {"Content-Type": kind})) as server,
        pytest.raises(DeniedError, match=text),
    ):
        make().open("GET", server.url)


def test_an_endless_error_body_is_not_read(make: Make) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 403 No\r\n\r\n")
        exchange.drip(b'"' * 10_000, 0)

    with serve(answer) as server, pytest.raises(DeniedError, match=r"\(HTTP 403\)"):
        make().open("GET", server.url)


def test_no_error_shows_secrets(make: Make) -> None:
    url = "http://user:pass@127.0.0.1:1/x?sig=secret#frag"
    with pytest.raises(UnavailableError) as caught:
        make().open("GET", url, headers={"Authorization": "Bearer secret"})
    shown = f"{caught.value} {caught.value.hint}"
    assert "http://127.0.0.1:1/x?..." in shown
    assert not any(word in shown for word in ("user", "pass", "secret", "frag"))


def test_user_in_url_becomes_basic_authentication(make: Make) -> None:
    with serve(Exchange.reply) as server:
        get(make(), server.url.replace("://", "://us%40er:pa%3Ass@"))
        assert server.log[0].headers["Authorization"] == "Basic dXNAZXI6cGE6c3M="


# Proxies


def test_proxy_for_http(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(body=b"by proxy")) as server:
        environ = {"http_proxy": server.url.replace("://", "://me:word@"), "no_proxy": "other.example"}
        assert get(make(environ=environ), "http://registry.example/x?y") == b"by proxy"
        (seen,) = server.log
        assert seen.path == "http://registry.example/x?y"
        assert seen.headers["Proxy-Authorization"] == "Basic bWU6d29yZA=="


def test_proxy_for_https_is_asked_to_connect(make: Make) -> None:
    with serve(lambda exchange: exchange.reply(407)) as server:
        with pytest.raises(UnavailableError, match="the proxy does not serve"):
            make(environ={"HTTPS_PROXY": server.host}).open("GET", "https://registry.example/")
        assert set(server.lines()) == {"CONNECT registry.example:443"}


def test_unknown_proxy(make: Make) -> None:
    with pytest.raises(UsageError, match="not an http or https proxy"):
        make(environ={"ALL_PROXY": "socks5://me:word@127.0.0.1:1"}).open("GET", "http://registry.example/")


# TLS


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loopback.certificate(tmp_path_factory.mktemp("tls"))


@needs.tool("openssl")
@pytest.mark.parametrize(
    ("variable", "trusted"), [("SSL_CERT_FILE", True), ("REQUESTS_CA_BUNDLE", True), ("OTHER", False)]
)
def test_certificates_from_the_environment(make: Make, pem: Path, variable: str, *, trusted: bool) -> None:
    with serve(lambda exchange: exchange.reply(body=b"ok"), certificate=pem) as server:
        client = make(environ={variable: str(pem)}, timeout_s=10)
        if trusted:
            assert get(client, server.url) == b"ok"
            return
        with pytest.raises(DeniedError, match="certificate is not trusted: self-signed") as caught:
            client.open("GET", server.url)
        assert "--insecure" in caught.value.hint


@needs.tool("openssl")
def test_insecure_may_be_for_some_hosts(make: Make, pem: Path) -> None:
    with serve(lambda exchange: exchange.reply(body=b"ok"), certificate=pem) as server:
        assert get(make(insecure=True, timeout_s=10), server.url) == b"ok"
        assert get(make(insecure=[server.host], timeout_s=10), server.url) == b"ok"
        assert get(make(insecure=["127.0.0.1"], timeout_s=10), server.url) == b"ok"
        with pytest.raises(DeniedError, match="not trusted"):
            make(insecure=["127.0.0.2", "127.0.0.1:1"], timeout_s=10).open("GET", server.url)


@needs.tool("openssl")
def test_no_way_down_from_https(make: Make, pem: Path) -> None:
    with serve(lambda exchange: exchange.reply(body=b"plain")) as plain:

        def answer(exchange: Exchange) -> None:
            exchange.reply(302, headers={"Location": plain.url})

        with serve(answer, certificate=pem) as server:
            with pytest.raises(DeniedError, match="redirected from https to http"):
                make(environ={"SSL_CERT_FILE": str(pem)}, timeout_s=10).open("GET", server.url)
            assert get(make(insecure=True, timeout_s=10), server.url) == b"plain"


def test_plain_http_behind_https(make: Make, slept: list[float]) -> None:
    with (
        serve(Exchange.reply) as server,
        pytest.raises(UnavailableError, match="no TLS connection") as caught,
    ):
        make().open("GET", server.url.replace("http:", "https:"))
    assert "--insecure" in caught.value.hint
    assert slept == []


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_unusable_certificates(make: Make, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match="no certificates can be read") as caught:
        make(environ={"SSL_CERT_FILE": str(file)}).open("GET", "https://127.0.0.1:1/")
    assert caught.value.where == str(file)


# Unix sockets


def test_unix_socket(make: Make, tmp_path: Path) -> None:
    with serve(lambda exchange: exchange.reply(body=b"unix"), socket=tmp_path / "s") as server:
        environ = {"http_proxy": "http://127.0.0.1:1"}
        assert get(make(unix_socket=str(tmp_path / "s"), environ=environ), "http://docker/v1") == b"unix"
        assert server.lines() == ["GET /v1"]


def test_no_unix_socket(make: Make, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no connection: No such file"):
        make(unix_socket=str(tmp_path / "s")).open("GET", "http://docker/")
