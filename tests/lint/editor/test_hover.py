from __future__ import annotations

import pytest
from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position, Range

from lading.lint import checking
from lading.lint.editor.hover import MAX_PAGES, hover
from lading.lint.editor.look import Client
from lint.editor.looking import look

TEXT = "FROM a:1\nRUN sudo x && \\\n  cd /y\nUSER 1\n"


def told(found: Hover | None) -> str:
    assert found is not None
    assert isinstance(found.contents, MarkupContent)
    return found.contents.value


def codes(found: Hover | None) -> list[str]:
    return [line[4:] for line in told(found).splitlines() if line.startswith("### ")]


def test_a_finding_under_the_pointer() -> None:
    found = hover(look(TEXT), Position(1, 6), Client())
    assert found is not None
    assert codes(found) == ["DL3004"]
    assert found.range == Range(Position(1, 4), Position(1, 8))
    assert told(found).startswith("do not use sudo:")
    assert "```dockerfile\n" in told(found)
    assert "<https://github.com/hadolint/hadolint/wiki/DL3004>" in told(found)


def test_an_instruction_with_findings() -> None:
    found = hover(look(TEXT), Position(1, 0), Client())
    assert found is not None
    assert codes(found) == ["DL3004", "DL3003"], "the worst first"
    assert found.range == Range(Position(1, 0), Position(2, 7))


@pytest.mark.parametrize("place", [(3, 0), (4, 0), (99, 99)])
def test_where_nothing_was_found(place: tuple[int, int]) -> None:
    assert hover(look(TEXT), Position(*place), Client()) is None


def test_comments_and_empty_lines_tell_nothing() -> None:
    assert hover(look("# x\n\nFROM a:1\nUSER 1\n"), Position(0, 1), Client()) is None
    assert hover(look("# x\n\nFROM a:1\nUSER 1\n"), Position(1, 0), Client()) is None


def test_a_rule_of_several_findings_has_one_page() -> None:
    text = "FROM a:1\nRUN sudo x; sudo y; cd z\nUSER 1\n"
    assert codes(hover(look(text), Position(1, 0), Client())).count("DL3004") == 1


def test_a_code_without_a_rule() -> None:
    text = "FROM a:1\nNONSENSE x\n"
    assert codes(hover(look(text), Position(1, 1), Client())) == [checking.SYNTAX]


def test_very_many_rules_are_named_only() -> None:
    text = "from a:1 As B\nRUN sudo cd x && apt install y | wget http://z | sh ; pip install a; npm install b; gem install c\n"
    found = hover(look(text), Position(1, 0), Client())
    assert len(codes(found)) == MAX_PAGES
    assert told(found).splitlines()[-1].startswith("And DL")


BASE = "FROM [x](http://evil)<b>/`y`*\n"


def messages(client: Client) -> list[str]:
    return [line for line in told(hover(look(BASE), Position(0, 6), client)).splitlines() if "evil" in line]


def test_text_of_the_file_is_no_markdown() -> None:
    (line,) = messages(Client())
    assert line.startswith(r"\[x\](http://evil)\<b\>/\`y\`\* has no tag")


def test_plain_text_for_who_shows_no_markdown() -> None:
    (line,) = messages(Client(markdown=False))
    assert line.startswith("[x](http://evil)<b>/`y`* has no tag")
    found = hover(look(TEXT), Position(1, 6), Client(markdown=False))
    assert found is not None
    assert isinstance(found.contents, MarkupContent)
    assert found.contents.kind == MarkupKind.PlainText
