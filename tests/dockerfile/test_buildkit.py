"""Every Dockerfile here is read by BuildKit's own parser too, and has to mean the same to both."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needs
from lading.dockerfile import heredoc
from lading.dockerfile import instruction as kinds
from lading.dockerfile.duration import nanoseconds
from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.instruction import Command, Exec, Instruction, Transfer
from lading.dockerfile.parse import Dockerfile, parse
from lading.dockerfile.words import Word
from lading.errors import LadingError

Ask = Callable[[list[bytes], list[dict[str, Any]]], tuple[list[dict[str, Any]], list[dict[str, Any]]]]

pytestmark = needs.tool("go")

CORPUS = Path(__file__).parent / "corpus"
SEED = 20261123


def corpus() -> dict[str, bytes]:
    """Return the cases: files that are parted by lines of `=== name`; `\\xNN` and `\\r` stand for bytes."""
    found: dict[str, bytes] = {}
    for path in sorted(CORPUS.glob("*.txt")):
        for part in path.read_text("utf-8").split("\n=== ")[1:]:
            name, _, text = part.partition("\n")
            key = f"{path.stem}/{name}"
            assert key not in found, f"{key} is there twice"
            found[key] = _bytes(text.removesuffix("\n") + "\n" * ("no newline" not in name))
    return found


def _bytes(text: str) -> bytes:
    done = bytearray()
    parts = text.split("\\x{")
    done += parts[0].encode()
    for part in parts[1:]:
        code, _, rest = part.partition("}")
        done += bytes.fromhex(code) + rest.encode()
    return bytes(done)


def mine(file: Dockerfile) -> list[dict[str, Any]]:
    """Return the facts that BuildKit's dump has of instructions."""
    return [
        {
            "Name": one.name,
            "Text": one.text.text,
            "Line": one.line,
            "EndLine": one.end_line,
            "Flags": [
                f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}") for flag in one.flags
            ],
            "Heredocs": [
                {
                    "Name": doc.name,
                    "Content": doc.content,
                    "Descriptor": doc.descriptor,
                    "Expands": doc.expands,
                    "Chomps": doc.chomps,
                }
                for doc in one.heredocs
            ],
            "Facts": _facts(one),
        }
        for one in file.instructions
    ]


def _values(words: tuple[Word, ...]) -> list[str]:
    return [word.value for word in words]


def _command(command: Command) -> dict[str, Any]:
    if isinstance(command, Exec):
        return {"words": _values(command.words), "exec": True}
    return {"words": [command.text.text] if command.text.text else [], "exec": False}


def _transfer(one: Transfer) -> dict[str, Any]:
    paths = [word.value for number, word in enumerate(one.sources) if number not in one.inline]
    by_name = {doc.name: doc for doc in one.heredocs}
    inline = []
    for number in one.inline:
        start = heredoc.announced(one.sources[number].value)
        assert start is not None
        doc = by_name.get(start.name)
        inline.append([start.name, doc.text if doc else "", start.expands])
    return {"sources": paths, "target": one.target.value, "inline": inline}


def _facts(one: Instruction) -> dict[str, Any]:
    return FACTS[type(one)](one)


def _from(one: kinds.From) -> dict[str, Any]:
    flag = one.flag("platform")
    return {"image": one.image.value, "stage": one.stage, "platform": (flag.value if flag else "") or ""}


def _pairs(one: kinds.Env | kinds.Label) -> dict[str, Any]:
    return {"pairs": [[pair.name.value, pair.value.value, pair.has_equals] for pair in one.pairs]}


def _definitions(one: kinds.Arg) -> dict[str, Any]:
    parts = [(definition.name, definition.default) for definition in one.definitions]
    return {"definitions": [[name.value, default and default.value] for name, default in parts]}


def _health(one: kinds.Healthcheck) -> dict[str, Any]:
    flags = {flag.name: flag.value or "" for flag in one.flags}
    names = ("interval", "timeout", "start-period", "start-interval")
    if one.command is None:
        return {"test": ["NONE"], "retries": 0, "durations": [0, 0, 0, 0]}
    command = _command(one.command)
    return {
        "test": ["CMD" if command["exec"] else "CMD-SHELL", *command["words"]],
        "retries": int(flags.get("retries") or 0),
        "durations": [nanoseconds(flags[name]) if flags.get(name) else 0 for name in names],
    }


FACTS: dict[type[Instruction], Callable[[Any], dict[str, Any]]] = {
    kinds.Add: _transfer,
    kinds.Arg: _definitions,
    kinds.Cmd: lambda one: _command(one.command),
    kinds.Copy: _transfer,
    kinds.Entrypoint: lambda one: _command(one.command),
    kinds.Env: _pairs,
    kinds.Expose: lambda one: {"words": sorted(_values(one.ports))},
    kinds.From: _from,
    kinds.Healthcheck: _health,
    kinds.Label: _pairs,
    kinds.Maintainer: lambda one: {"word": one.maintainer.value},
    kinds.Onbuild: lambda one: {"expression": re.sub(r"(?i)^\s*ONBUILD\s*", "", one.text.text)},
    kinds.Run: lambda one: _command(one.command),
    kinds.ShellChange: lambda one: {"words": _values(one.words)},
    kinds.StopSignal: lambda one: {"word": one.signal.value},
    kinds.User: lambda one: {"word": one.user.value},
    kinds.Volume: lambda one: {"words": [path.value.strip() for path in one.paths]},
    kinds.Workdir: lambda one: {"word": one.path.value},
}


def theirs(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return BuildKit's dump in the same form."""
    found = []
    for one in answer["Instructions"] or []:
        facts = {key: [] if value is None else value for key, value in (one["Facts"] or {}).items()}
        if "expression" in facts:
            facts["expression"] = facts["expression"].split("\n")[0]
        kept = ("Name", "Text", "Line", "EndLine")
        found.append(
            {
                **{key: one[key] for key in kept},
                "Flags": one["Flags"] or [],
                "Heredocs": one["Heredocs"] or [],
                "Facts": facts,
            }
        )
    return found


def compare(text: bytes, answer: dict[str, Any]) -> str:
    """Return what the two do not agree on; empty if they agree."""
    file = parse(text)
    if answer["Error"] == "panic":
        return ""  # BuildKit itself breaks on it
    if answer["Error"]:
        return "" if file.errors else f"BuildKit refuses it: {answer['Error']}"
    if file.errors:
        return f"BuildKit takes it, not so: {file.errors[0]}"
    if file.escape != answer["Escape"]:
        return f"escape {file.escape!r}, BuildKit {answer['Escape']!r}"
    empty = any(problem.code == "empty-continuation" for problem in file.problems)
    if empty != bool(answer["Warnings"]):
        return f"empty continuation lines: {empty}, BuildKit {answer['Warnings']}"
    for own, other in zip(mine(file), theirs(answer), strict=True):
        if own != other:
            return f"{own}\nBuildKit: {other}"
    return ""


def test_corpus(ask_buildkit: Ask) -> None:
    cases = corpus()
    assert len(cases) >= 150
    answers, _ = ask_buildkit(list(cases.values()), [])
    differing = {
        name: difference
        for (name, text), answer in zip(cases.items(), answers, strict=True)
        if (difference := compare(text, answer))
    }
    assert differing == {}
    refused = sum(bool(answer["Error"]) for answer in answers)
    assert refused >= 40
    assert len(cases) - refused >= 100


# Pieces that mean something somewhere; what comes of them in any order has to mean the same to both.
PIECES = [
    *(
        "\n",
        " ",
        "\\\n",
        "\\",
        "`",
        "#",
        "# escape=`\n",
        '"',
        "'",
        "[",
        "]",
        ",",
        "=",
        "--",
        "$",
        "${",
        "}",
        ":",
    ),
    *(
        "<<EOF",
        "<<-'A B'",
        "EOF\n",
        "\tEOF\n",
        "FROM a\n",
        "FROM a AS b\n",
        "RUN ",
        "COPY ",
        "ENV ",
        "ARG ",
        "CMD ",
    ),
    *("ONBUILD ", "HEALTHCHECK ", "LABEL ", "--from=x ", "a", "b=c", "\r\n", "\t", "\n\n", "<", "1<<"),
]


def test_mutations(ask_buildkit: Ask) -> None:
    source = random.Random(SEED)
    texts = [text.decode("utf-8", "replace") for text in corpus().values()]
    files = []
    for _ in range(3000):
        text = source.choice(texts)
        for _ in range(source.randint(1, 4)):
            start = source.randint(0, len(text))
            text = text[:start] + source.choice(PIECES) + text[start + source.choice([0, 0, 1, 3]) :]
        files.append(text.encode())
    mixed = ("".join(source.choices(PIECES, k=source.randint(1, 12))) for _ in range(1000))
    files += [f"FROM x\n{text}".encode() for text in mixed]
    answers, _ = ask_buildkit(files, [])
    differing = {
        text: difference
        for text, answer in zip(files, answers, strict=True)
        if (difference := compare(text, answer))
    }
    assert differing == {}


def _agree(case: dict[str, Any], answer: dict[str, Any]) -> str:
    lexing = Lexing(
        escape=case["escape"],
        raw_quotes=case["raw_quotes"],
        raw_escapes=case["raw_escapes"],
        quotes=not case["no_quotes"],
        keep_unset=case["keep_unset"],
    )
    try:
        found = expand(case["word"], case["values"], lexing)
    except LadingError as error:
        return "" if answer["Error"] else f"BuildKit takes it, not so: {error}"
    if answer["Error"]:
        return f"BuildKit refuses it: {answer['Error']}, not so: {found}"
    if found.text != answer["Text"]:
        return f"{found.text!r}, BuildKit {answer['Text']!r}"
    # BuildKit loses the words gathered so far when a modifier has a word of its own.
    if "${" not in case["word"] and list(found.words) != (answer["Words"] or []):
        return f"{found.words!r}, BuildKit {answer['Words']!r}"
    names = sorted({one.name for one in found.references if not one.found})
    return "" if names == answer["Unmatched"] else f"{names}, BuildKit {answer['Unmatched']}"


VALUES = {
    "x": "value",
    "empty": "",
    "p": "a/b.tar.gz/c.tar",
    "s": "  two  words ",
    "star": "a*b?c",
    "n": "l1\nl2",
}
WORDS = [
    *(
        "$x",
        "${x}",
        "$empty",
        "$none",
        "${none}",
        "${x:-y}",
        "${none:-y z}",
        "${empty:-y}",
        "${empty-y}",
        "${x:+y}",
    ),
    *(
        "${none+y}",
        "${empty+y}",
        "${empty:+y}",
        "${x?e}",
        "${none?e}",
        "${empty:?e}",
        "${empty?e}",
        "${none:?}",
    ),
    *(
        "${p#*/}",
        "${p##*/}",
        "${p%/*}",
        "${p%%/*}",
        "${p%.tar*}",
        "${p#a?b}",
        "${p%%.*}",
        "${p#x}",
        "${star#a\\*}",
    ),
    *(
        "${p/a/b}",
        "${p//a/b}",
        "${p/\\//-}",
        "${p//\\//-}",
        "${p/t?r/-}",
        "${p//*/-}",
        "${p/#a/b}",
        "${p//x*/y}",
    ),
    *(
        "${x:}",
        "${:x}",
        "${}",
        "${{x}}",
        "${x",
        "${x:-",
        "${x!y}",
        "${x:=y}",
        "${x:#y}",
        "$",
        "$$",
        "$1",
        "$12a",
        "$@",
    ),
    *(
        "${x:-${none:-z}}",
        "${none:-'a b'}",
        '${none:-"$x"}',
        "${none:-a\\}b}",
        "a${x}b$x",
        '"$x"',
        "'$x'",
        "\\$x",
    ),
    *(
        '"a\\"b"',
        "'a\\'",
        '"\\a\\\\"',
        "a b",
        "  a  ",
        '"a b" c',
        "\\",
        "a\\",
        '"',
        "'",
        "<<EOF",
        "<< 'E'",
        "<a",
    ),
    *(
        "$s",
        '"$s"',
        "${n#*1}",
        "${n%%l*}",
        "${n//?/x}",
        "${x/v/$x}",
        "${x//e/$$}",
        "${x//a/$0}",
        "${star//\\*/s}",
    ),
    *(
        "${p//tar/[&]}",
        "${p#\\x}",
        "${p%\\}",
        "${x##}",
        "${x%%}",
        "${x/}",
        "${x//}",
        "${x///}",
        "${x//e/}",
        "${#x}",
    ),
    *(
        "$é",
        "${é}",
        "é$x",
        "$x_y",
        "${x_y}",
        "${x.y}",
        "$-",
        "${?}",
        "${-}",
        "$x$empty$none",
        "\ufeffa",
        "${p#'a'}",
    ),
    *(
        '${p#"a/"}',
        "${star%'*b?c'}",
        '${star#"a*"}',
        "${star#'a\\*'}",
        "${x/'a'/b}",
        "${none:-$none}",
        "${x:-$none}",
    ),
]
SIGNS = [*"ax$${}{}:-+?#%/*\\'\"<` ", "${x", "${p", "${none", ":-", "%%", "##", "//", "${star"]


def _cases(source: random.Random) -> list[dict[str, Any]]:
    words = [*WORDS, *("".join(source.choices(WORDS, k=2)) for _ in range(500))]
    words += ["".join(source.choices(SIGNS, k=source.randint(1, 9))) for _ in range(6000)]
    cases = []
    for number, word in enumerate(words):
        flags = source.choices([True, False], k=4) if number >= len(WORDS) else [False] * 4
        named = zip(("raw_quotes", "raw_escapes", "no_quotes", "keep_unset"), flags, strict=True)
        escape = source.choice("\\\\`") if number >= len(WORDS) else "\\"
        cases.append({"word": word, "values": VALUES, "escape": escape, **dict(named)})
    return cases


def test_words(ask_buildkit: Ask) -> None:
    cases = _cases(random.Random(SEED))
    _, answers = ask_buildkit([], cases)
    differing = {
        (case["word"], *(key for key, on in case.items() if on is True), case["escape"]): difference
        for case, answer in zip(cases, answers, strict=True)
        if (difference := _agree(case, answer))
    }
    assert differing == {}
