from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from lsprotocol import converters
from lsprotocol.types import CodeAction, CodeActionContext, Position, Range, WorkspaceEdit

from editing import applied
from lading import lint
from lading.dockerfile.edit import apply
from lading.errors import UnavailableError
from lading.lint import checking, fixing
from lading.lint.editor.actions import (
    FIX_ALL,
    MAX_FINDINGS,
    Order,
    actions,
    ordered,
    resolved,
)
from lading.lint.editor.diagnostics import diagnostic
from lading.lint.editor.look import Client, Look
from lading.lint.hadolint_config import Config
from lading.lint.pin_source import Wanted
from lint.editor.looking import URI, look

CONVERTER = converters.get_converter()
EXAMPLES = [text for rule in lint.rules() for text in rule.bad]
UNPINNED = "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl\n"
DIGEST = "sha256:" + "5" * 64


class Known:
    """An index that knows everything, or nothing. version: for each index asked, or for all the same."""

    def __init__(self, version: str | Mapping[str, str] = "", failure: str = "") -> None:
        self.version = version
        self.failure = failure
        self.asked: list[Wanted] = []

    def versions(self, wanted: Wanted) -> Mapping[str, str]:
        self.asked.append(wanted)
        if self.failure:
            raise UnavailableError(self.failure)
        version = self.version if isinstance(self.version, str) else self.version[wanted.index]
        return dict.fromkeys(wanted.names, version) if version else {}


def at(
    whole: Look,
    place: tuple[int, int],
    *only: str,
    client: Client | None = None,
    end: tuple[int, int] | None = None,
) -> list[CodeAction]:
    asked = CodeActionContext(diagnostics=[], only=list(only) or None)
    return actions(whole, Range(Position(*place), Position(*(end or place))), asked, client or Client())


def everywhere(whole: Look, client: Client | None = None) -> list[CodeAction]:
    return at(whole, (0, 0), end=(10**6, 0), client=client)


def after(text: str, edit: WorkspaceEdit | None) -> str:
    assert edit is not None
    return applied(text, CONVERTER.unstructure(edit))


def titles(found: list[CodeAction]) -> list[str]:
    return [one.title for one in found]


@pytest.mark.parametrize("text", EXAMPLES)
def test_fixes_make_of_a_file_what_they_do_on_disk(text: str) -> None:
    whole = look(text)
    offered = [one for one in everywhere(whole) if one.edit and not one.title.startswith("Ignore ")]
    expected = {
        apply(whole.outcome.file.source, [one.fix.edits]).source.text
        for one in whole.outcome.findings[:MAX_FINDINGS]
        if one.fix
    }
    assert {after(text, one.edit) for one in offered} == expected
    for one in offered:
        assert one.kind == "quickfix"
        assert one.diagnostics
        assert "(unsafe" in one.title or one.is_preferred


@pytest.mark.parametrize("text", EXAMPLES)
def test_all_safe_fixes_make_what_the_command_makes(text: str) -> None:
    whole = look(text)
    found = at(whole, (0, 0), FIX_ALL)
    expected = fixing.fix(text.encode()).data.decode()
    if not found:
        assert expected == text
        return
    (one,) = found
    order = ordered(one.data)
    assert order is not None
    done = resolved(whole, order, Known(), Client())
    assert after(text, done.edit) == expected if expected != text else done.reason


def test_a_safe_fix_comes_first_and_an_unsafe_one_says_so() -> None:
    found = at(look("FROM a:1\nRUN cd /x && apt-get install a=1\nUSER 1\n"), (1, 0), end=(1, 30))
    marks = ["(unsafe: what the image does may change)" in one.title for one in found if one.edit]
    first = found[0]
    assert first.is_preferred
    assert True in marks
    assert marks.index(True) > 0
    assert not any(one.is_preferred for one in found if "(unsafe" in one.title)


def test_only_findings_at_the_place_are_meant() -> None:
    whole = look("FROM a:1\nRUN sudo x\nENV a b\nUSER 1\n")
    assert {one.diagnostics[0].code for one in at(whole, (2, 4), "quickfix") if one.diagnostics} == {
        "LegacyKeyValueFormat"
    }
    assert at(whole, (3, 0), "quickfix") == []


def test_diagnostics_that_the_editor_names_are_meant_too() -> None:
    whole = look("FROM a:1\nRUN true && sudo x\nUSER 1\n")
    (finding,) = (one for one in whole.outcome.findings if one.code == "DL3004")
    asked = CodeActionContext(diagnostics=[diagnostic(whole, finding)])
    cursor = Range(Position(1, 0), Position(1, 0))
    assert "Ignore DL3004 here" in titles(actions(whole, cursor, asked, Client()))
    assert actions(whole, cursor, CodeActionContext(diagnostics=[]), Client()) == []


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        ((), {"quickfix", FIX_ALL}),
        (("quickfix",), {"quickfix"}),
        (("source",), {FIX_ALL}),
        (("source.fixAll",), {FIX_ALL}),
        ((FIX_ALL,), {FIX_ALL}),
        (("source.fixAll.other",), set()),
        (("source.fix",), set()),
        (("refactor", "quickfix"), {"quickfix"}),
        (("",), {"quickfix", FIX_ALL}),
    ],
)
def test_kinds(only: tuple[str, ...], kinds: set[str]) -> None:
    whole = look("FROM a:1\nRUN apt-get install a=1\nUSER 1\n")
    assert {one.kind for one in at(whole, (1, 5), *only)} == kinds


# ---------------------------------------------------------------------- ignoring


def test_ignoring_here_and_in_the_file() -> None:
    text = "FROM a:1\nRUN sudo x\nUSER 1\n"
    found = {one.title: one for one in at(look(text), (1, 5))}
    assert (
        after(text, found["Ignore DL3004 here"].edit)
        == "FROM a:1\n# hadolint ignore=DL3004\nRUN sudo x\nUSER 1\n"
    )
    assert after(text, found["Ignore DL3004 in this file"].edit).startswith(
        "# hadolint global ignore=DL3004\n"
    )


def test_one_comment_for_findings_of_one_rule_in_one_instruction() -> None:
    found = at(look("FROM a:1\nRUN sudo x; sudo y\nUSER 1\n"), (1, 0), end=(1, 18))
    (here,) = (one for one in found if one.title == "Ignore DL3004 here")
    assert len(here.diagnostics or ()) == 2


def test_errors_cannot_be_ignored_nor_anything_where_comments_do_not_count() -> None:
    found = titles(everywhere(look("FROM a:1\nNONSENSE\nUSER 1\n")))
    assert "Ignore LD1001 here" in found
    assert not any(checking.SYNTAX in title for title in found)
    whole = look("FROM a:1\nRUN sudo x\n", config=Config(pragmas=False))
    assert not any("Ignore" in title for title in titles(everywhere(whole)))


# ------------------------------------------------------------------------- pins


def pin(whole: Look) -> CodeAction:
    (found,) = (one for one in everywhere(whole) if one.title.startswith("Pin "))
    return found


@pytest.mark.parametrize(
    ("text", "title", "known", "asked", "pinned"),
    [
        (UNPINNED, "Pin what the index has now (DL3008, asks the network)", {"apt": "7.8"}, ["curl"], "recommends curl=7.8\n"),
        ("FROM debian\n", "Pin what the registry has now (DL3006, asks the network)", {"tag": "12", "image": DIGEST}, ["debian:latest", "debian:latest", "debian:12"], f"FROM debian:12@{DIGEST}\n"),
    ],
)  # fmt: skip
def test_a_pin_is_asked_for_when_it_is_chosen(
    text: str, title: str, known: Mapping[str, str], asked: list[str], pinned: str
) -> None:
    whole = look(text, config=Config(ignored=frozenset({"LD1001"})))
    action = pin(whole)
    assert (action.title, action.edit) == (title, None)
    order = ordered(CONVERTER.unstructure(action)["data"])
    assert order is not None
    index = Known(known)
    assert after(text, resolved(whole, order, index, Client()).edit).endswith(pinned)
    assert [name for wanted in index.asked for name in wanted.names] == asked


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (Known(failure="no answer: refused"), "DL3008 cannot be pinned: no answer: refused"),
        (Known(), "DL3008 cannot be pinned: the index does not know it"),
    ],
)
def test_why_there_is_no_pin(index: Known, reason: str) -> None:
    whole = look(UNPINNED, config=Config(ignored=frozenset({"LD1001"})))
    order = ordered(pin(whole).data)
    assert order is not None
    done = resolved(whole, order, index, Client())
    assert (done.edit, done.reason) == (None, reason)


def test_no_pins_for_who_cannot_choose_first() -> None:
    whole = look(UNPINNED)
    assert not any(title.startswith("Pin ") for title in titles(everywhere(whole, Client(resolves=False))))


def test_a_file_that_has_changed_is_left_alone() -> None:
    order = ordered(pin(look(UNPINNED, config=Config(ignored=frozenset({"LD1001"})))).data)
    assert order is not None
    done = resolved(look(UNPINNED, version=2), order, Known("1"), Client())
    assert (done.edit, done.reason) == (None, "the file has changed in the meantime: ask again")


def test_an_order_for_a_rule_that_is_not_there_finds_nothing() -> None:
    done = resolved(look(UNPINNED), Order(URI, 1, "pin", "XX1", 0, 9), Known("1"), Client())
    assert done.edit is None


@pytest.mark.parametrize(
    "data",
    [None, 5, "x", [], {}, {"uri": 1, "version": 1, "task": "pin"}, {"uri": "a", "version": 1, "task": "rm"}],
)
def test_data_that_is_no_order(data: Any) -> None:  # noqa: ANN401 - whatever a client sends
    assert ordered(data) is None


def test_an_order_survives_the_wire() -> None:
    order = Order(URI, 3, "pin", "DL3008", 5, 9)
    assert ordered(msgspec.json.decode(msgspec.json.encode(order))) == order


# ----------------------------------------------------------------------- limits


def test_all_fixes_at_once_for_who_cannot_choose_first() -> None:
    text = "FROM a:1\nRUN apt-get install a=1\nUSER 1\n"
    (one,) = at(look(text), (0, 0), FIX_ALL, client=Client(resolves=False))
    assert one.data is None
    assert after(text, one.edit) == fixing.fix(text.encode()).data.decode()


def test_nothing_to_fix() -> None:
    assert at(look("FROM a:1\nUSER 1\n"), (0, 0), FIX_ALL) == []
    done = resolved(look("FROM a:1\nUSER 1\n"), Order(URI, 1, "fix-all"), Known(), Client())
    assert done.reason == "there is nothing that can be fixed safely"


def test_a_menu_ends_somewhere() -> None:
    whole = look("FROM a:1\n" + "RUN sudo x\n" * (MAX_FINDINGS + 9))
    meant = {
        (str(one.code), one.range.start.line)
        for action in everywhere(whole)
        for one in action.diagnostics or ()
    }
    assert len(whole.outcome.findings) > MAX_FINDINGS
    assert len(meant) == MAX_FINDINGS
