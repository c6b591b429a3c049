"""Sessions of an editor with the real server, over the pipes of its process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import needs
from editing import CAPABILITIES, TIMEOUT_S, Editor, applied, editor
from loopback import Exchange, serve
from program import Lading

BASE = "FROM debian:12@sha256:" + "0" * 64 + "\n"
SUDO = f"{BASE}RUN sudo x\nUSER 1000\n"
DIGEST = "sha256:" + "5" * 64
MANIFEST = {"Content-Type": "application/vnd.oci.image.index.v1+json", "Docker-Content-Digest": DIGEST}


@pytest.fixture
def program(tmp_path: Path) -> Lading:
    return Lading(tmp_path)


@pytest.fixture
def session(program: Lading) -> Iterator[Editor]:
    with editor(program) as started:
        started.initialize()
        yield started
        assert started.leave() == 0
        assert started.process.stderr
        assert started.process.stderr.read() == b""


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in found]


def linted(program: Lading, name: str = "Dockerfile") -> list[tuple[str, str, str]]:
    """Return what `lading lint` says of a file on disk."""
    found = json.loads(program("lint", name, "--format", "json").stdout)
    return [(one["code"], one["level"], one["message"]) for one in found]


SEVERITIES = {1: "error", 2: "warning", 3: "info", 4: "style"}


def shown(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(one["code"], SEVERITIES[one["severity"]], one["message"]) for one in found]


# ---------------------------------------------------------------------- a session


def test_what_the_server_can_do(program: Lading) -> None:
    with editor(program) as started:
        can = started.initialize()["capabilities"]
        assert can["textDocumentSync"] == {"openClose": True, "change": 1, "save": True}
        assert can["hoverProvider"] is True
        assert can["codeActionProvider"] == {
            "codeActionKinds": ["quickfix", "source.fixAll.lading"],
            "resolveProvider": True,
        }
        assert started.leave() == 0


def test_diagnostics_follow_what_is_typed(session: Editor) -> None:
    uri = session.open(SUDO)
    assert codes(session.diagnostics(uri)) == ["DL3004"]
    session.change(uri, SUDO.replace("sudo ", ""), 2)
    assert session.diagnostics(uri, 2) == []
    session.change(uri, SUDO + "NONSENSE\n", 3)
    assert codes(session.diagnostics(uri, 3)) == ["DL3004", "DL1000"]
    session.send("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert session.diagnostics(uri, None) == []


def test_it_says_what_the_command_says(session: Editor, program: Lading) -> None:
    corpus = Path(__file__).parents[1] / "lint" / "corpus"
    for number, path in enumerate(sorted(corpus.glob("*.Dockerfile"))[::25]):
        name = f"{number}.Dockerfile"
        (program.folder / name).write_bytes(path.read_bytes())
        uri = session.open(path.read_bytes().decode(), name)
        assert shown(session.diagnostics(uri)) == linted(program, name), path.name


def test_shellcheck_takes_part(session: Editor) -> None:
    needs.shellcheck()
    uri = session.open(BASE + "RUN true \\\n  && cp $HOME /b\nUSER 1000\n")
    (one,) = (one for one in session.diagnostics(uri) if one["code"] == "SC2086")
    assert one["range"]["start"] == {"line": 2, "character": 8}
    assert one["codeDescription"]["href"] == "https://www.shellcheck.net/wiki/SC2086"
    told = session.ask(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": one["range"]["start"]}
    )
    assert told["contents"]["value"].count("https://www.shellcheck.net/wiki/SC2086") == 1
    assert 'RUN cp "$SOURCE" /app' in told["contents"]["value"]


def test_a_fix_is_offered_made_and_gone(session: Editor) -> None:
    text = f"{BASE}RUN apt-get install curl=1\nUSER 1000\n"
    uri = session.open(text)
    assert "DL3014" in codes(session.diagnostics(uri))
    (fix,) = (
        one
        for one in session.actions(uri, (1, 8))
        if one["title"].endswith("-y") and one["kind"] == "quickfix"
    )
    assert fix["isPreferred"] is True
    assert codes(fix["diagnostics"]) == ["DL3014"]
    session.change(uri, applied(text, fix["edit"]), 2)
    assert "DL3014" not in codes(session.diagnostics(uri, 2))


def test_all_safe_fixes_when_a_file_is_saved(session: Editor, program: Lading) -> None:
    text = "from debian:12 as Build\nRUN apt-get install curl=1\nMAINTAINER me\n"
    uri = session.open(text)
    (action,) = session.actions(uri, (0, 0), (99, 0), ["source.fixAll"])
    assert "edit" not in action
    done = session.ask("codeAction/resolve", action)
    (program.folder / "Dockerfile").write_text(text)
    program("lint", "--fix")
    assert applied(text, done["edit"]) == (program.folder / "Dockerfile").read_text()


def test_a_rule_is_ignored_here(session: Editor) -> None:
    uri = session.open(SUDO)
    (ignore,) = (one for one in session.actions(uri, (1, 5)) if one["title"] == "Ignore DL3004 here")
    session.change(uri, applied(SUDO, ignore["edit"]), 2)
    assert session.diagnostics(uri, 2) == []


def test_hover(session: Editor) -> None:
    uri = session.open(SUDO)
    params = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 5}}
    found = session.ask("textDocument/hover", params)
    assert found["contents"]["kind"] == "markdown"
    assert "### DL3004" in found["contents"]["value"]
    assert session.ask("textDocument/hover", {**params, "position": {"line": 2, "character": 0}}) is None


def test_answers_are_of_what_was_typed_last(session: Editor) -> None:
    """Nothing is waited for between the messages."""
    uri = session.open(BASE)
    session.change(uri, SUDO, 2)
    assert any("DL3004" in one["title"] for one in session.actions(uri, (1, 5)))


def test_many_edits_at_once(session: Editor) -> None:
    uri = session.open(SUDO)
    for version in range(2, 400):
        session.change(uri, SUDO + "#" * version + "\n", version)
    session.change(uri, SUDO + "RUN sudo y\n", 400)
    assert codes(session.diagnostics(uri, 400)).count("DL3004") == 2
    versions = [one["params"]["version"] for one in session.notes]
    assert versions == sorted(versions)
    assert 400 not in versions, "it was published once"


# --------------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("name", "language", "ours"),
    [
        ("Containerfile", "plaintext", True),
        ("web.Dockerfile", "plaintext", True),
        ("anything", "dockerfile", True),
        ("untitled:Untitled-1", "dockerfile", True),
        ("README.md", "markdown", False),
    ],
)
def test_which_documents(session: Editor, name: str, language: str, *, ours: bool) -> None:
    uri = session.open(SUDO, name, language)
    session.open("FROM debian\n", "Dockerfile.last")
    session.diagnostics(session.uri("Dockerfile.last"))
    known = [one["params"]["uri"] for one in session.notes]
    assert known == ([uri] if ours else [])
    assert bool(session.actions(uri, (1, 5)) if ours else None) is ours


@pytest.mark.parametrize("unit", ["utf-8", "utf-16", "utf-32"])
def test_units_that_were_agreed_upon(program: Lading, unit: str) -> None:
    text = f"{BASE}RUN echo '\U0001f600\u00e9' && sudo x\nUSER 1000\n"
    with editor(program) as started:
        can = started.initialize({**CAPABILITIES, "general": {"positionEncodings": [unit]}})["capabilities"]
        assert can["positionEncoding"] == unit
        uri = started.open(text)
        (found,) = started.diagnostics(uri)
        before = len("RUN echo '\U0001f600\u00e9' && ".encode({"utf-8": unit}.get(unit, f"{unit}-le")))
        start = before // {"utf-8": 1, "utf-16": 2, "utf-32": 4}[unit]
        assert found["range"]["start"] == {"line": 1, "character": start}
        assert any("DL3004" in one["title"] for one in started.actions(uri, (1, start + 4)))
        assert not started.actions(uri, (1, start + 5), only=["quickfix"])
        started.leave()


def test_an_old_editor_that_can_do_little(program: Lading) -> None:
    """No encodings, no edits of versions, nothing chosen first, plain text, no folders."""
    text = f"{BASE}RUN apt-get install curl\nUSER 1000\n"
    with editor(program) as started:
        hover = {"hover": {"contentFormat": ["plaintext"]}}
        can = started.initialize({"textDocument": hover}, workspaceFolders=None, rootPath=str(started.folder))
        assert can["capabilities"]["positionEncoding"] == "utf-16"
        uri = started.open(text)
        assert "DL3008" in codes(started.diagnostics(uri))
        found = started.actions(uri, (1, 0), (1, 30))
        assert not [one for one in found if "edit" not in one]
        (fix_all,) = (one for one in found if one["kind"] == "source.fixAll.lading")
        assert list(fix_all["edit"]) == ["changes"]
        assert "install -y" in applied(text, fix_all["edit"])
        params = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 6}}
        assert started.ask("textDocument/hover", params)["contents"]["kind"] == "plaintext"
        assert not started.notes
        started.leave()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only a comment",
        "\x00\x01\x02\n",
        "FROM a\rRUN sudo x\r",
        "FROM a\r\nRUN sudo x\r\n",
        "\ufeffFROM a\nRUN sudo x\n",
        "FROM a\nRUN <<E\nsudo\n",
        'FROM a\nCMD ["a\n',
        "FROM a\nRUN sudo '\ud83d' \udc80 \udfff\n",
        "FROM ${A:-${B:-${C}}}\n" * 500,
        "RUN x \\\n",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_text_of_all_kinds(session: Editor, text: str) -> None:
    uri = session.open(text)
    found = session.diagnostics(uri)
    assert found or not text.strip()
    for action in session.actions(uri, (0, 0), (10**6, 0)):
        if "data" not in action:
            applied(text.encode("utf-8", "replace").decode(), action["edit"])


# An editor has no such files; but who opens one by mistake must be able to go on, and to close it.
STEPS = BASE + "RUN echo hello && cd /x\n" * 30_000
LARGE = {
    "comments": BASE + "# comment\n" * 1_000_000,
    "one-line": f"{BASE}RUN echo {'a ' * 5_000_000}\n",
    "steps": BASE + "RUN echo hello && cd /x\n" * 400_000,
    "astral": BASE + "RUN echo \U0001f600 && cd /x\n" * 400_000,
}


@pytest.mark.parametrize("kind", LARGE)
def test_ten_megabytes(program: Lading, kind: str) -> None:
    with editor(program) as started:
        started.initialize()
        uri = started.open(LARGE[kind])
        started.change(uri, LARGE[kind] + "#\n", 2)
        other = started.open(SUDO, "small.Dockerfile")
        assert started.actions(uri, (0, 0), (10**6, 0)) == []
        assert codes(started.diagnostics(other)) == ["DL3004"]
        (note,) = started.diagnostics(uri, 2)
        assert note["message"].startswith("longer than ")
        started.change(uri, SUDO, 3)
        assert codes(started.diagnostics(uri, 3)) == ["DL3004"]
        assert started.leave() == 0


def test_the_longest_file_that_is_looked_at(program: Lading) -> None:
    """What comes meanwhile is taken, and only the last of it looked at."""
    with editor(program) as started:
        started.initialize()
        uri = started.open(STEPS)
        for version in range(2, 30):
            started.change(uri, STEPS + "#\n" * version, version)
        shown = started.diagnostics(uri, 29)
        # Notes say how many more there are, and, on a slow machine, that ShellCheck was not waited for.
        assert len([one for one in shown if "code" in one]) == 1000
        assert any("more findings are not shown" in one["message"] for one in shown)
        assert len(started.notes) <= 1
        assert started.leave() == 0


def test_it_leaves_in_the_middle_of_a_long_file(program: Lading) -> None:
    with editor(program) as started:
        started.initialize()
        started.open(STEPS)
        assert started.leave() == 0
        assert not started.notes


# ---------------------------------------------------------------------- settings


def test_settings_of_the_folder(session: Editor, program: Lading) -> None:
    (program.folder / ".hadolint.yaml").write_text("ignored: [DL3004]\n")
    uri = session.open(SUDO)
    assert session.diagnostics(uri) == []
    (program.folder / ".hadolint.yaml").unlink()
    session.send("workspace/didChangeWatchedFiles", {"changes": []})
    assert codes(session.diagnostics(uri)) == ["DL3004"]
    (program.folder / "lading.toml").write_text("[lint.levels]\nDL3004 = 'style'\n")
    session.send("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert shown(session.diagnostics(uri)) == linted_as(SUDO, program)


def linted_as(text: str, program: Lading) -> list[tuple[str, str, str]]:
    (program.folder / "Dockerfile").write_text(text)
    return linted(program)


def test_the_editor_is_asked_to_watch_them(session: Editor) -> None:
    session.diagnostics(session.open(SUDO))
    (wish,) = session.requests
    assert wish["method"] == "client/registerCapability"
    (registration,) = wish["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    patterns = " ".join(one["globPattern"] for one in registration["registerOptions"]["watchers"])
    assert all(
        name in patterns for name in (".hadolint.yaml", "lading.toml", "pyproject.toml", ".dockerignore")
    )


def test_a_named_configuration(program: Lading) -> None:
    (program.folder / "mine.yaml").write_text("ignored: [DL3004]\n")
    with editor(program, "--stdio", "--config", "mine.yaml") as started:
        started.initialize()
        assert started.diagnostics(started.open(SUDO)) == []
        started.leave()


def test_broken_settings_are_told_once(session: Editor, program: Lading) -> None:
    (program.folder / ".hadolint.yaml").write_text("ignored: 5\n")
    uri = session.open(SUDO)
    message = session.note("window/showMessage")
    assert message["message"].startswith("lading: ")
    assert ".hadolint.yaml: ignored" in message["message"]
    assert codes(session.diagnostics(uri)) == ["DL3004"]
    session.change(uri, SUDO, 2)
    session.diagnostics(uri, 2)
    assert session.notes == []


def test_a_pragma_and_the_context(session: Editor, program: Lading) -> None:
    (program.folder / "app.py").write_text("")
    text = f"{BASE}# hadolint ignore=DL3004\nRUN sudo x\nCOPY app.py gone.py /app/\nUSER 1000\n"
    found = session.diagnostics(session.open(text))
    assert shown(found) == linted_as(text, program)
    assert codes(found) == ["LD1015"], "the context is looked into"


# ------------------------------------------------------------------------- pins


def chosen(started: Editor, uri: str, begins: str = "Pin ") -> dict[str, Any]:
    (action,) = (one for one in started.actions(uri, (0, 0), (9, 0)) if one["title"].startswith(begins))
    return action


def test_a_pin_comes_from_the_registry_when_it_is_chosen(program: Lading) -> None:
    with (
        serve(lambda exchange: exchange.reply(200, b"{}", MANIFEST)) as registry,
        editor(program, LADING_INSECURE_REGISTRIES=registry.host) as started,
    ):
        started.initialize()
        text = f"FROM {registry.host}/app\nUSER 1000\n"
        uri = started.open(text)
        action = chosen(started, uri, "Pin what the registry has now (DL3006")
        assert registry.lines() == []
        done = started.ask("codeAction/resolve", action)
        assert applied(text, done["edit"]) == f"FROM {registry.host}/app:latest@{DIGEST}\nUSER 1000\n"
        assert registry.lines()
        started.leave()


def test_typing_does_not_wait_for_the_network_nor_does_the_end(program: Lading) -> None:
    asked = threading.Event()

    def stall(exchange: Exchange) -> None:
        asked.set()
        exchange.stall()

    with (
        serve(stall) as registry,
        editor(program, LADING_INSECURE_REGISTRIES=registry.host) as started,
    ):
        started.initialize()
        uri = started.open(f"FROM {registry.host}/app\nUSER 1000\n")
        started.begin("codeAction/resolve", chosen(started, uri, "Pin what the registry has now (DL3006"))
        assert asked.wait(TIMEOUT_S)
        started.change(uri, SUDO, 2)
        assert codes(started.diagnostics(uri, 2)) == ["DL3004"]
        assert started.actions(uri, (1, 5))
        assert started.leave() == 0


@pytest.mark.parametrize(
    ("arguments", "reason"), [(("--offline",), "offline"), ((), "refused")], ids=["offline", "unreachable"]
)
def test_why_there_is_no_pin(program: Lading, arguments: tuple[str, ...], reason: str) -> None:
    with serve(lambda exchange: exchange.reply(404)) as registry:
        host = registry.host  # nobody listens there any longer
    environ = {"LADING_INSECURE_REGISTRIES": host, "LADING_OFFLINE": ""}
    with editor(program, *arguments, **environ) as started:
        started.initialize()
        uri = started.open(f"FROM {host}/app\nUSER 1000\n")
        action = chosen(started, uri, "Pin what the registry has now (DL3006")
        done = started.ask("codeAction/resolve", action)
        assert "edit" not in done
        message = started.note("window/showMessage")["message"]
        assert message.startswith("lading: DL3006 cannot be pinned: ")
        assert reason in message.lower()
        started.leave()


def test_an_action_for_a_text_that_is_gone(session: Editor) -> None:
    uri = session.open("FROM debian\nUSER 1000\n")
    action = chosen(session, uri, "Pin what the registry has now (DL3006")
    session.change(uri, "FROM debian\nUSER 1001\n", 2)
    assert "edit" not in session.ask("codeAction/resolve", action)
    assert "has changed" in session.note("window/showMessage")["message"]


def test_an_action_of_somebody_else(session: Editor) -> None:
    other = {"title": "x", "data": {"some": ["thing"]}}
    assert session.ask("codeAction/resolve", other) == other


# ------------------------------------------------------------------- what goes wrong

BROKEN = [
    pytest.param(b"{", -32700, None, id="not-json"),
    pytest.param(b"\xff\xfe", -32700, None, id="not-utf-8"),
    pytest.param(b"[" * 100_000, -32700, None, id="too-deep"),
    pytest.param(b"[]", -32600, None, id="a-list"),
    pytest.param(b'{"id":1,"method":"shutdown"}', -32600, None, id="no-version"),
    pytest.param(b'{"jsonrpc":"2.0","id":"a","method":"nonsense/method"}', -32601, "a", id="no-such-method"),
    pytest.param(b'{"jsonrpc":"2.0","id":"a","method":"textDocument/hover","params":[]}', -32602, "a", id="wrong-params"),
    pytest.param(b'{"jsonrpc":"2.0","id":"a","method":"textDocument/hover"}', -32602, "a", id="no-params"),
    pytest.param(b'{"jsonrpc":"2.0","id":"a","method":["x"]}', -32603, "a", id="a-method-that-is-none"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "number"), BROKEN)
def test_what_is_no_message_is_answered_and_costs_nothing_else(
    session: Editor, body: bytes, code: int, number: str | None
) -> None:
    session.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert session.answer(number)["error"]["code"] == code
    assert codes(session.diagnostics(session.open(SUDO))) == ["DL3004"]


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: nine\r\n\r\n{}\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"\x00" * 100_000 + b"\r\n",
    ],
    ids=lambda data: repr(data[:16]),
)
def test_what_is_not_even_framed(session: Editor, data: bytes) -> None:
    session.raw(data)
    assert codes(session.diagnostics(session.open(SUDO))) == ["DL3004"]


def test_notifications_that_make_no_sense(session: Editor) -> None:
    session.send("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere/Dockerfile"}})
    session.send("textDocument/didChange", {"textDocument": 5})
    session.send("$/cancelRequest", {"id": 99})
    session.send("$/unknown", {"x": 1})
    session.send("textDocument/didChange", {"textDocument": {"uri": "file:///no", "version": 1}, "contentChanges": [{"text": ""}]})  # fmt: skip
    assert codes(session.diagnostics(session.open(SUDO))) == ["DL3004"]


def test_before_it_is_initialized(program: Lading) -> None:
    with editor(program) as started:
        place = {"textDocument": {"uri": started.uri("Dockerfile")}, "position": {"line": 0, "character": 0}}
        assert started.ask("textDocument/hover", place) is None
        started.initialize()
        assert codes(started.diagnostics(started.open(SUDO))) == ["DL3004"]
        started.leave()
