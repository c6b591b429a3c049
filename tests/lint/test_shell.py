"""Commands of shell text: which there are, where they stand, and what their words are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.dockerfile.source import Joined, Span
from lading.lint import shell
from lading.lint.shell import Invocation, Script


def script(text: str, *, bodiless: bool = False) -> Script:
    return shell.parse(Joined(text, ((0, 0),)), "sh", bodiless=bodiless)


def only(text: str) -> Invocation:
    return script(text).commands[0]


COMMANDS = [
    ("a b", ["a b"]),
    ("a; b\nc", ["a", "b", "c"]),
    ("a && b || c & d", ["a", "b", "c", "d"]),
    ("a | b |& c", ["a", "b", "c"]),
    ("(a; b) | { c; }", ["a", "b", "c"]),
    ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
    ("for x in $(a); do b $x; done", ["a", "b ${VAR}"]),
    ("while a; do b; done; until c; do d; done", ["a", "b", "c", "d"]),
    ("case x in a) k;; b|c) l; m;; esac", ["k", "l", "m"]),
    ("f() { a; }; function g { b; }", ["a", "b"]),
    ('echo $(a `b` "$(c $(d))")', ["echo ${VAR}", "a ${VAR} ${VAR}", "b", "c ${VAR}", "d"]),
    ("echo ${x:-$(a)} $((1 + $(b)))", ["echo ${VAR} ${VAR}", "a", "b"]),
    ("a <(b) > >(c)", ["a ${VAR}", "b", "c"]),
    ("[ -f a ] && b; [[ $(c) == d ]] || e", ["b", "c", "e"]),
    ("X=1 Y=$(a) b c", ["b c", "a"]),
    ("X=$(a)", ["", "a"]),
    ("export A=b C", ["export A=b C"]),
    ("! a | b", ["a", "b"]),
    ("command a; builtin b; busybox c d; exec -a n -c e", ["a", "b", "c d", "e"]),
    ("command -v a; exec > b; command", ["command -v a", "exec", "command"]),
    ("sudo -u x a; env A=b c", ["sudo -u x a", "env A=b c"]),
    ("a >x b 2>&1 c", ["a b c"]),
    ("> x a", ["a"]),
    ("cat <<E && a\n$(b)\nE\nc", ["cat", "a", "b", "c"]),
    ("cat <<'E' | a\n$(b)\nE\n", ["cat", "a"]),
    ("echo 'a; b' \"c | d\" # e; f", ["echo a; b c | d"]),
    ("a && && b", ["a", "b"]),
    ("a; if b", ["a"]),
    ("time a", ["time a"]),
    ('echo é "ü" | grep ñ', ["echo é ü", "grep ñ"]),
    ("", []),
    ("# a", []),
    (")", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "commands"), COMMANDS, ids=[text for text, _ in COMMANDS])
def test_every_command_is_found_in_order(text: str, commands: list[str]) -> None:
    assert [" ".join([one.name, *one.texts]).rstrip() for one in script(text).commands] == commands


WORDS = [
    ("a b", "b", "b", True, False),
    ("a 'b c'", "b c", "b c", True, True),
    ('a "b c"', "b c", "b c", True, True),
    ("a b'c'\"d\"", "bcd", "bcd", True, True),
    ("a b\\ c", "b c", "b c", True, False),
    ('a "b\\"\\$\\\\\\x"', 'b"$\\\\x', 'b"$\\\\x', True, True),
    ("a $B", "$B", "${VAR}", False, False),
    ('a "$B"', "$B", "${VAR}", False, True),
    ('a b="${C:-d}"e', "b=${C:-d}e", "b=${VAR}e", False, True),
    ("a b$(c d)e", "b$(c d)e", "b${VAR}e", False, False),
    ("a `b c`", "`b c`", "${VAR}", False, False),
    ("a $((1+2))", "$((1+2))", "${VAR}", False, False),
    ("a $'b\\n'", "b\\n", "b\\n", True, True),
    ("a *.txt", "*.txt", "*.txt", True, False),
    ("a {b,c}", "{b,c}", "{b,c}", True, False),
    ("a ''", "", "", True, True),
    ("a 12", "12", "12", True, False),
    ('a " $B "', " $B ", " ${VAR} ", False, True),
    ("a '$B'", "$B", "$B", True, True),
]


@pytest.mark.parametrize(
    ("text", "plain", "masked", "literal", "quoted"), WORDS, ids=[text for text, *_ in WORDS]
)
def test_a_word_is_without_quotes(
    text: str,
    plain: str,
    masked: str,
    literal: bool,  # noqa: FBT001 - of a table
    quoted: bool,  # noqa: FBT001 - of a table
) -> None:
    (arg,) = only(text).args
    assert (arg.text, arg.masked, arg.literal, arg.quoted) == (plain, masked, literal, quoted)
    assert arg.span == Span(2, len(text))


def test_spans_count_characters_of_the_source() -> None:
    """The text `é && \\⏎ "ü" x`, whose continuation has been taken out."""
    found = shell.parse(Joined('é &&  "ü" x', ((0, 4), (5, 12))), "sh").commands[1]
    assert [word.span for word in found.words] == [Span(13, 16), Span(17, 18)]
    assert found.span == Span(13, 18)


PLACES = [
    ("a", ["  -1 0/1 0"]),
    ("a && b; c", [" && -1 0/1 0", "&& ; -1 0/1 0", ";  -1 0/1 0"]),
    ("a | b || c | d", [" | 0 0/2 0", "| || 0 1/2 0", "|| | 1 0/2 0", "|  1 1/2 0"]),
    ("a\nb # x\n\nc", [" ; -1 0/1 0", "; ; -1 0/1 0", ";  -1 0/1 0"]),
    ("(a && b) | c", [" && -1 0/1 1", "&&  -1 0/1 1", "|  0 1/2 0"]),
    ("a && { b; c; }", [" && -1 0/1 0", " ; -1 0/1 1", "; ; -1 0/1 1"]),
    ("a $(b | c) &", [" & -1 0/1 0", " | 0 0/2 1", "|  0 1/2 1"]),
    ("a <<E | b\nx\nE\nc", [" | 0 0/2 0", "| ; 0 1/2 0", ";  -1 0/1 0"]),
    ("a | b > c", [" | 0 0/2 0", "|  0 1/2 0"]),
]


@pytest.mark.parametrize(("text", "places"), PLACES, ids=[text for text, _ in PLACES])
def test_a_command_knows_where_it_stands(text: str, places: list[str]) -> None:
    found = [one.place for one in script(text).commands]
    assert [
        f"{one.before} {one.after} {one.pipeline} {one.position}/{one.length} {one.depth}" for one in found
    ] == places
    for one in found:
        for operator, span in ((one.before, one.before_span), (one.after, one.after_span)):
            assert text[span.start : span.end].replace("\n", ";") == operator


def test_a_negated_command_says_so() -> None:
    assert [one.place.negated for one in script("! a | b && c; ! (d)").commands] == [
        True,
        False,
        False,
        False,
    ]


def test_pipelines_are_counted() -> None:
    assert [script(text).pipelines for text in ("a || b", "a | b", "(a) | (b)", "a | b; $(c | d)")] == [
        0,
        1,
        1,
        2,
    ]


def test_commands_of_one_list_have_its_number() -> None:
    numbers = [one.place.list_number for one in script("a && (b; c); d").commands]
    assert numbers[0] == numbers[3]
    assert numbers[1] == numbers[2]
    assert numbers[0] != numbers[1]


def test_redirections_and_assignments() -> None:
    found = only('A=b C="$d" e 2>&1 >>"f g" <h')
    assert [(one.name, one.value and one.value.text) for one in found.assignments] == [
        ("A", "b"),
        ("C", "$d"),
    ]
    assert [(one.descriptor, one.operator, one.target and one.target.text) for one in found.redirections] == [
        ("2", ">&", "1"),
        ("", ">>", "f g"),
        ("", "<", "h"),
    ]
    assert only("A=").assignments[0].value == shell.Arg("", "", literal=True, quoted=False, span=Span(2, 2))
    assert only("export A").assignments == ()


HEREDOCS = [
    ("cat <<EOF - foo | tee x", [("cat", ("-", "foo")), ("tee", ("x",))], [("", "<<", "<<EOF")]),
    ('cat <<-E1 <<"E2" && b', [("cat", ()), ("b", ())], [("", "<<-", "<<-E1"), ("", "<<", '<<"E2"')]),
    ("3<<E a <<< b", [("a", ())], [("3", "<<", "3<<E"), ("", "<<<", "<<< b")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "commands", "redirections"), HEREDOCS, ids=[one[0] for one in HEREDOCS])
def test_heredocs_whose_text_is_elsewhere(
    text: str, commands: list[object], redirections: list[object]
) -> None:
    found = script(text, bodiless=True)
    assert not found.broken
    assert [(one.name, one.texts) for one in found.commands] == commands
    first = found.commands[0].redirections
    assert [
        (one.descriptor, one.operator, text[one.span.start : one.span.end]) for one in first
    ] == redirections


def test_flags() -> None:
    found = only("apt-get -qqy --no-install-recommends -o=x --dir=/d install a -- -b")
    assert found.flags == {"q", "y", "o", "=", "x", "no-install-recommends", "dir"}
    assert found.has_flag("yes", "y")
    assert not found.has_flag("b")
    assert found.has_args("remove", "install")
    assert [arg.text for arg in found.operands] == ["install", "a", "-b"]


def test_operands_without_values_of_flags() -> None:
    found = only("pip install -r a -qr b --target c --target=d -e e f -- -g")
    assert [arg.text for arg in found.operands_without("r", "target", "e")] == ["install", "f", "-g"]


UNWRAPPED = [
    ("sudo -E -u www apt-get install a", "apt-get install a"),
    ("sudo A=b c", "c"),
    ("env -i A=b -u C d e", "d e"),
    ("nice -n 5 timeout -k 1 10 a b", "a b"),
    ("find . | xargs -0 -n 1 rm -f", "rm -f"),
    ("chroot /mnt a", "a"),
    ("sudo -- a -b", "a -b"),
    ("sudo", "sudo"),
    ("env A=b", "env A=b"),
    ("a sudo", "a sudo"),
]


@pytest.mark.parametrize(("text", "inner"), UNWRAPPED, ids=[text for text, _ in UNWRAPPED])
def test_what_runs_in_the_end(text: str, inner: str) -> None:
    found = script(text).commands[-1].unwrapped
    assert " ".join([found.name, *found.texts]) == inner


@pytest.mark.parametrize(
    ("text", "names", "is_heredoc"),
    [
        ("pip install a; cd b", ["pip", "cd"], False),
        ("set A=b & pip install a", ["set", "pip"], False),
        ("pip install a; if ($?) { pip install b } else { exit 1 }", [], False),
        ("foreach ($i in 1..3) { pip install b }", [], False),
        ("import os; os.remove('a')", [], True),
        ("pip install a", [], True),
    ],
)
def test_a_shell_that_is_not_posix_is_read_where_that_can_be(
    text: str, names: list[str], *, is_heredoc: bool
) -> None:
    found = shell.parse(Joined(text, ((0, 0),)), "", is_heredoc=is_heredoc)
    assert [one.name for one in found.commands] == names
    assert found.language == ""
    assert not found.broken


BOMBS = {
    "parentheses": "(" * 50_000,
    "substitutions": "$(" * 30_000,
    "quoted substitutions": '"$(' * 20_000,
    "expansions": "${a:-" * 15_000,
    "heredocs": "a <<b " * 10_000,
    "ifs": "if " * 20_000,
    "groups": "{ " * 30_000 + "a" + "; }" * 30_000,
    "backticks": "`" * 50_001,
    "quotes": "'" * 50_001,
    "pipes": "a|" * 30_000,
    "ands": "a && " * 30_000 + "a",
    "cases": "case a in b) " * 5_000,
    "long word": "a" * 500_000,
    "redirections": "a" + " >b" * 20_000,
    "concatenation": "a " + "'a'\"b\"" * 20_000,
    "holes": "a () " * 10_000,
    "arrays": "a=(" * 10_000,
    "too long": "a;" * (shell.MAX_CHARACTERS // 2 + 1),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
@pytest.mark.timeout(180)
def test_hostile_text_is_read_in_time(text: str) -> None:
    script(text)


_TOKENS = st.sampled_from(
    ["a", "b c", "'", '"', "`", "$", "$(", ")", "(", "{", "}", ";", "&&", "||", "|", "<<E", "\n", "E\n", "\\", "if ", "then ", "fi", " ",
     "case x in ", "esac", "$((", "))", "${", "=", ">", "<", "&", "#", "é", "\0", "\udc80", "[[", "]]", "!", "for x in ", "do ", "done"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_TOKENS, max_size=40).map("".join), st.booleans())
def test_any_text_gives_a_script_with_spans_in_order(text: str, bodiless: bool) -> None:  # noqa: FBT001 - drawn
    found = script(text, bodiless=bodiless)
    starts = [one.span.start for one in found.commands]
    assert starts == sorted(starts)
    for one in found.commands:
        for word in one.words:
            assert 0 <= word.span.start <= word.span.end <= len(text)
            assert text[word.span.start : word.span.end] or not word.text
