"""LD1012: what is fetched is run unseen (`curl | sh`)."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Run
from lading.lint.rule import Found, Level, Rule
from lading.lint.shell import Invocation, Script
from lading.lint.subject import Subject

_FETCHERS = frozenset({"curl", "wget"})
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_OTHERS = frozenset({"python", "python3", "perl", "ruby", "node", "php"})
_INSIDE = ("$(curl ", "$(wget ", "<(curl ", "<(wget ", "`curl ", "`wget ")
_MESSAGE = "runs what the network sends: save it, check its checksum or signature, then run it"


def check(subject: Subject) -> Iterator[Found]:
    """Yield every interpreter that gets its program from curl or wget."""
    for run in subject.all(Run):
        for script in subject.scripts(run):
            yield from _piped(script)
            for outer in script.commands:
                command = outer.unwrapped
                if _base(command.name) in _SHELLS | {"eval", "source", "."}:
                    arg = next((arg for arg in command.args if any(x in arg.text for x in _INSIDE)), None)
                    if arg is not None:
                        yield Found(arg.span, _MESSAGE)


def _piped(script: Script) -> Iterator[Found]:
    fetching: set[int] = set()
    for outer in script.commands:
        command, number = outer.unwrapped, outer.place.pipeline
        if number < 0:
            continue
        if command.name in _FETCHERS:
            fetching.add(number)
        elif number in fetching and _reads_program(command):
            yield Found(outer.span, _MESSAGE)


def _reads_program(command: Invocation) -> bool:
    """Whether an interpreter takes its program from its input."""
    name = _base(command.name)
    if name not in _SHELLS | _OTHERS:
        return False
    for text in command.texts:
        if text in {"-", "/dev/stdin", "--"} or (name in _SHELLS and text == "-s"):
            return True
        if not text.startswith("-") or text.startswith(("-c", "-m", "-e", "-n", "-p", "-r")):
            return False
    return True


def _base(name: str) -> str:
    return name.rpartition("/")[2]


RULE = Rule(
    code="LD1012",
    title="What is fetched is not run unseen.",
    level=Level.WARNING,
    why=(
        "`curl ... | sh` runs whatever the server sends at that moment: nobody has seen it, nothing says that it is the "
        "same as yesterday, and when the connection breaks half of a script is run. The shell's exit status hides "
        "that curl failed. Save it, compare it with a checksum that stands in the Dockerfile, then run it; or use "
        "`ADD --checksum=sha256:...`; or install the tool from a package."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN curl -fsSL https://example.com/install.sh | sh\n",
        "FROM debian:12\nRUN wget -qO- https://example.com/i | sudo -E bash -s -- -y\n",
        'FROM debian:12\nRUN bash -c "$(curl -fsSL https://example.com/i)"\n',
        'FROM debian:12\nSHELL ["/bin/bash", "-c"]\nRUN bash <(curl -fsSL https://example.com/i)\n',
        "FROM debian:12\nRUN curl https://example.com/i.py | python3 -\n",
    ),
    good=(
        "FROM debian:12\nRUN curl -fsSL https://example.com/a | tar xz\n",
        "FROM debian:12\nRUN curl https://example.com/a.json | python3 -m json.tool\n",
        'FROM debian:12\nRUN curl -o i https://example.com/i && echo "$SUM i" | sha256sum -c && sh i\n',
        "FROM debian:12\nRUN echo 'curl x | sh'\n",
    ),
)
