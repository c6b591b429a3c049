"""An editor: a client of the language server protocol over the pipes of a real process.

Written for tests: it can say what no editor says, and notes whatever it is sent. Everything that comes is held
against lsprotocol's types, so that nothing passes that is not of the protocol.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lsprotocol import converters, types

import program

TIMEOUT_S = 180  # for a machine that has other things to do
_CONVERTER = converters.get_converter()
_SENT = {
    types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: types.PublishDiagnosticsNotification,
    types.WINDOW_SHOW_MESSAGE: types.ShowMessageNotification,
    types.CLIENT_REGISTER_CAPABILITY: types.RegistrationRequest,
}
_ANSWERS = {
    types.INITIALIZE: types.InitializeResponse,
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionResponse,
    types.CODE_ACTION_RESOLVE: types.CodeActionResolveResponse,
    types.TEXT_DOCUMENT_HOVER: types.HoverResponse,
    types.SHUTDOWN: types.ShutdownResponse,
}
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "workspaceEdit": {"documentChanges": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source.fixAll"]}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        },
    },
}


class Editor:
    """An editor and the process of its server.

    notes: every notification, in order, that nobody has taken. requests: what the server has asked.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.notes: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self._arrived: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._answers: dict[object, dict[str, Any]] = {}
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    # -------------------------------------------------------------- messages

    def raw(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method: str, params: object = None, number: object = None) -> None:
        """Send a notification, or with a number a request."""
        message = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params  # type: ignore[assignment]
        if number is not None:
            message["id"] = number  # type: ignore[assignment]
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def ask(self, method: str, params: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send a request and return the result of its answer."""
        number = self.begin(method, params)
        answer = self.answer(number)
        assert "error" not in answer, answer
        if method in _ANSWERS:
            _CONVERTER.structure(answer, _ANSWERS[method])
        return answer["result"]

    def begin(self, method: str, params: object = None) -> int:
        """Send a request; return its number."""
        self._number += 1
        self.send(method, params, self._number)
        return self._number

    def answer(self, number: object) -> dict[str, Any]:
        """Return the answer to a request, once it has come."""
        self._until(lambda: number in self._answers)
        return self._answers.pop(number)

    def note(self, method: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the first notification of a method that fits, once it has come, and forget it."""

        def found() -> Iterator[dict[str, Any]]:
            return (one for one in self.notes if one["method"] == method and fits(one["params"]))

        self._until(lambda: any(True for _ in found()))
        first = next(found())
        self.notes.remove(first)
        params: dict[str, Any] = first["params"]
        return params

    def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            message = self._arrived.get(timeout=TIMEOUT_S)
            assert message is not None, "the server has ended"
            if "method" in message:
                _CONVERTER.structure(message, _SENT[message["method"]])
                (self.requests if "id" in message else self.notes).append(message)
                if "id" in message:
                    body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": None}).encode()
                    self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            else:
                self._answers[message["id"]] = message

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream
        length = 0
        while header := stream.readline():
            name, _, value = header.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
            elif header == b"\r\n":
                self._arrived.put(json.loads(stream.read(length)))
        self._arrived.put(None)

    # -------------------------------------------------------------- sessions

    def initialize(self, capabilities: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
        """Begin; return what the server can do."""
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": CAPABILITIES if capabilities is None else capabilities,
            "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "test"}],
            **more,
        }
        result: dict[str, Any] = self.ask("initialize", params)
        self.send("initialized", {})
        return result

    def uri(self, name: str) -> str:
        """Return the URI of a file in the folder."""
        return (self.folder / name).as_uri()

    def open(
        self, text: str, name: str = "Dockerfile", language: str = "dockerfile", version: int = 1
    ) -> str:
        """Open a file that need not be on disk; return its URI."""
        uri = self.uri(name) if ":" not in name else name
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        return uri

    def change(self, uri: str, text: str, version: int) -> None:
        """Replace the text of an open file."""
        document = {"uri": uri, "version": version}
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def diagnostics(self, uri: str, version: int | None = 1) -> list[dict[str, Any]]:
        """Return the diagnostics of a version of a file, once they have come."""
        method = "textDocument/publishDiagnostics"
        note = self.note(method, lambda one: one["uri"] == uri and one.get("version") == version)
        found: list[dict[str, Any]] = note["diagnostics"]
        return found

    def actions(
        self, uri: str, start: tuple[int, int], end: tuple[int, int] | None = None, only: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Return the actions for a range."""
        first, last = start, end or start
        place = {
            "start": {"line": first[0], "character": first[1]},
            "end": {"line": last[0], "character": last[1]},
        }
        context: dict[str, Any] = {"diagnostics": []}
        if only:
            context["only"] = list(only)
        params = {"textDocument": {"uri": uri}, "range": place, "context": context}
        found: list[dict[str, Any]] = self.ask("textDocument/codeAction", params)
        return found

    def leave(self) -> int:
        """End as the protocol wants it; return the exit status."""
        self.ask("shutdown")
        self.send("exit")
        return self.process.wait(TIMEOUT_S)


def applied(text: str, edit: dict[str, Any], unit: str = "utf-16-le") -> str:
    """Return a text with a workspace edit made, as the protocol says it: worked out without Lading."""
    if "changes" in edit:
        (edits,) = edit["changes"].values()
    else:
        (document,) = edit["documentChanges"]
        edits = document["edits"]
    lines = _lines(text)
    width = len("a".encode(unit))

    def offset(position: dict[str, int]) -> int:
        line = lines[position["line"]] if position["line"] < len(lines) else ""
        before = line.encode(unit)[: position["character"] * width].decode(unit)
        return sum(map(len, lines[: position["line"]])) + len(before)

    placed = [
        (offset(one["range"]["start"]), offset(one["range"]["end"]), number, one["newText"])
        for number, one in enumerate(edits)
    ]
    done, at = "", 0
    for start, end, _, new in sorted(placed, key=lambda one: (one[0], one[2])):
        assert start >= at, "edits overlap"
        done += text[at:start] + new
        at = end
    return done + text[at:]


def _lines(text: str) -> list[str]:
    lines, line = [], ""
    for at, char in enumerate(text):
        line += char
        if char == "\n" or (char == "\r" and text[at + 1 : at + 2] != "\n"):
            lines.append(line)
            line = ""
    return [*lines, line]


@contextmanager
def editor(lading: program.Lading, *arguments: str, **environ: str) -> Iterator[Editor]:
    """Start a server and an editor; whatever becomes of them, the process is gone in the end."""
    process = subprocess.Popen(
        lading.command(["lsp", *arguments]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=lading.folder, env=lading.environment(environ),
        preexec_fn=program.heed_interrupts,  # noqa: PLW1509 - it only sets a signal
    )  # fmt: skip
    with process:
        try:
            yield Editor(process, lading.folder)
        finally:
            process.kill()
