"""The language server: what an editor asks, and who answers.

pygls knows the protocol; here its features are given their functions. What waits for a look at a file, or for the
network, runs in a thread of pygls', so that whatever is typed in the meantime is taken.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcParseError
from pygls.lsp.server import LanguageServer

import lading
from lading.cli.lsp_desk import Desk, Paper
from lading.cli.lsp_files import WATCHED, Rulebook, folder_of, is_ours, path_of
from lading.cli.lsp_messages import MAX_BYTES, Outgoing, framed, messages
from lading.errors import LadingError
from lading.lint.editor.actions import KINDS, Resolved, actions, ordered, resolved
from lading.lint.editor.diagnostics import diagnostics
from lading.lint.editor.hover import hover
from lading.lint.editor.look import Client, Look, take
from lading.lint.editor.places import whole

PATIENCE_S = 5.0
"""So long an answer waits for a look at the file as it is now; a file of common size takes milliseconds."""

_THREADS = 16


class Server(LanguageServer):
    """The server of one editor. rules: the settings of folders. cwd: where the program was started.

    client: what the editor can do. is_done: it has said `shutdown`.
    """

    def __init__(self, rules: Rulebook, cwd: Path) -> None:
        super().__init__("lading", lading.__version__, types.TextDocumentSyncKind.Full, max_workers=_THREADS)
        self.rules = rules
        self.client = Client()
        self.is_done = False
        self.desk = Desk(self._look, self._publish)
        self._cwd = cwd
        self._told: dict[Path, str] = {}

    def folder(self, uri: str) -> Path:
        """Return the folder that a document is looked at from."""
        known = [path_of(folder.uri) for folder in list(self.workspace.folders.values())]
        if not known and self.workspace.root_uri:
            known = [path_of(self.workspace.root_uri)]
        return folder_of(path_of(uri), [path for path in known if path], self._cwd)

    def tell(self, text: str) -> None:
        """Show something to the user."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"lading: {text}"))

    def _look(self, paper: Paper) -> Look:
        folder = self.folder(paper.uri)
        task, problem = self.rules.task(paper.uri, folder)
        self._tell_once(folder, problem)
        return take(paper.uri, paper.version, paper.text, task, self.client.encoding)

    def _tell_once(self, folder: Path, problem: LadingError | None) -> None:
        """Tell what is wrong with the settings of a folder, unless the user has read that before."""
        text = str(problem or "")
        if text and self._told.get(folder) != text:
            self.tell(text)
        self._told[folder] = text

    def _publish(self, uri: str, look: Look | None) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=uri,
                diagnostics=diagnostics(look) if look else [],
                version=look.version if look else None,
            )
        )


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """Take note of what the editor can do."""
    can = params.capabilities
    texts, workspace = can.text_document, can.workspace
    shown = texts.hover.content_format if texts and texts.hover else None
    action = texts.code_action if texts else None
    lazily = action.resolve_support.properties if action and action.resolve_support else ()
    edits = workspace.workspace_edit if workspace else None
    ls.client = Client(
        encoding=ls.workspace.position_encoding or types.PositionEncodingKind.Utf16,
        markdown=not shown or types.MarkupKind.Markdown in shown,
        resolves="edit" in lazily and bool(action and action.data_support),
        versions=bool(edits and edits.document_changes),
    )


def initialized(ls: Server, _: types.InitializedParams) -> None:
    """Ask to be told of changes in the files that findings depend on."""
    workspace = ls.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        wish = types.Registration("settings", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        ls.client_register_capability(types.RegistrationParams([wish]))


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take a file that was opened, if it is a Dockerfile."""
    document = params.text_document
    if is_ours(document.uri, document.language_id):
        ls.desk.put(Paper(document.uri, document.version, whole(document.text)))


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Take a file as it has become."""
    uri = params.text_document.uri
    document = ls.workspace.get_text_document(uri)
    if is_ours(uri, document.language_id or ""):
        ls.desk.put(Paper(uri, params.text_document.version, whole(document.source)))


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a file."""
    ls.desk.drop(params.text_document.uri)


def look_again(ls: Server, _: Any) -> None:  # noqa: ANN401 - of several notifications
    """Look at all files once more: settings or the files beside them may have changed."""
    ls.desk.again()


def shutdown(ls: Server, _: None) -> None:
    """Take note that the editor is about to leave."""
    ls.is_done = True


def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Tell what can be done about the findings at a place."""
    look = ls.desk.look(params.text_document.uri, PATIENCE_S)
    return actions(look, params.range, params.context, ls.client) if look else None


def code_action_resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
    """Find the edit of an action that was chosen; where there is none, the user is told why."""
    order = ordered(action.data)
    if order is None:
        return action
    look = ls.desk.look(order.uri, PATIENCE_S)
    if look is None:
        ls.tell("the file is still being looked at: ask again")
        return action
    try:
        with ls.rules.asking:
            done = resolved(look, order, ls.rules.index(ls.folder(order.uri)), ls.client)
    except LadingError as error:
        done = Resolved(None, str(error))
    if done.edit is None:
        ls.tell(done.reason)
    action.edit = done.edit
    return action


def text_hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """Tell of the rules whose findings are at a place."""
    look = ls.desk.look(params.text_document.uri, PATIENCE_S)
    return hover(look, params.position, ls.client) if look else None


_FEATURES = (
    (types.INITIALIZE, initialize),
    (types.INITIALIZED, initialized),
    (types.TEXT_DOCUMENT_DID_OPEN, did_open),
    (types.TEXT_DOCUMENT_DID_CHANGE, did_change),
    (types.TEXT_DOCUMENT_DID_CLOSE, did_close),
    (types.TEXT_DOCUMENT_DID_SAVE, look_again),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, look_again),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, look_again),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, look_again),
    (types.SHUTDOWN, shutdown),
)
_WAITING = (
    (types.TEXT_DOCUMENT_CODE_ACTION, code_action, types.CodeActionOptions(KINDS, resolve_provider=True)),
    (types.CODE_ACTION_RESOLVE, code_action_resolve, None),
    (types.TEXT_DOCUMENT_HOVER, text_hover, None),
)


def made(rules: Rulebook, cwd: Path) -> Server:
    """Return a server that has its features."""
    server = Server(rules, cwd)
    for name, function in _FEATURES:
        server.feature(name)(function)
    for name, waiting, options in _WAITING:
        server.thread()(server.feature(name, options)(waiting))
    return server


def serve(server: Server, incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Answer messages until the editor says `exit`, or its end of the stream is closed.

    Return 0 if it has said `shutdown` before, as the protocol wants it, else 1.
    """
    out = Outgoing(outgoing)
    server.protocol.set_writer(out)
    try:
        for body in messages(incoming):
            wrong = _handled(server, body)
            if wrong:
                out.write(framed(json.dumps({"jsonrpc": "2.0", **wrong}).encode()))
            if out.is_lost:
                break
    except SystemExit as ended:  # how pygls takes `exit`
        return int(ended.code or 0)
    finally:
        server.desk.close()
        server.rules.close()
        server.thread_pool.shutdown(wait=False, cancel_futures=True)
    return 0 if server.is_done else 1


def _handled(server: Server, body: bytes | None) -> dict[str, Any] | None:
    """Handle a message; return the answer if it is none, or not one of the protocol's."""
    protocol = server.protocol
    if body is None:
        return _error(None, JsonRpcInvalidRequest.CODE, f"a message of more than {MAX_BYTES} bytes")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        return _error(None, JsonRpcParseError.CODE, f"not JSON: {error}")
    if not isinstance(message, dict) or message.get("jsonrpc") != protocol.VERSION:
        return _error(None, JsonRpcInvalidRequest.CODE, "not a message of JSON-RPC 2.0")
    if "method" in message:
        message.setdefault("params", None)  # pygls wants them of methods that it does not know
    try:
        protocol.handle_message(protocol.structure_message(message))
    except JsonRpcException as error:
        number = message.get("id")
        if "method" in message and isinstance(number, (int, str)):
            return _error(number, error.CODE, error.message)
    return None


def _error(number: int | str | None, code: int, message: str) -> dict[str, Any]:
    return {"id": number, "error": {"code": code, "message": message}}
