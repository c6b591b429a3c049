"""DL3001: programs that make no sense in a build."""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_INSTEAD = {
    "free": "it shows the memory of the build machine",
    "kill": "nothing that a step starts lives on in the next one",
    "mount": "mounts end with the step; use RUN --mount",
    "ps": "it shows the processes of the step alone",
    "service": "services end with the step; start the program with CMD or ENTRYPOINT",
    "shutdown": "there is no system to shut down",
    "ssh": "the image would need the key; use RUN --mount=type=ssh, or fetch the files before the build",
    "top": "it waits for somebody at a terminal",
    "vim": "it waits for somebody at a terminal; use sed, or COPY the file",
}


def check(subject: Subject) -> Iterator[Found]:
    """Yield every call of such a program."""
    for _, command in subject.commands(*_INSTEAD):
        name = command.name
        yield Found(command.words[0].span, f"{name} has no use in a build: {_INSTEAD[name]}")


RULE = Rule(
    code="DL3001",
    title="Some programs have no use in a build step.",
    level=Level.INFO,
    why=(
        "A build step starts in a fresh container without a terminal, and everything that runs in it ends with it. "
        "Programs that talk to a person, to services of the system or to processes of other steps hang there, or "
        "do nothing that lasts. Seeing one is a sign that the step came from a virtual machine's script."
    ),
    check=check,
    bad=(
        "FROM debian:12\nRUN service nginx start\n",
        "FROM debian:12\nRUN make && ssh host true\n",
        'FROM debian:12\nRUN ["vim", "/etc/hosts"]\n',
        "FROM debian:12\nRUN x=$(free -m)\n",
    ),
    good=(
        "FROM debian:12\nRUN apt-get install -y vim=9\n",
        "FROM debian:12\nRUN echo service\n",
        'FROM debian:12\nCMD ["top"]\n',
        "FROM debian:12\nRUN umount /x && ssh-keygen -A\n",
    ),
)
