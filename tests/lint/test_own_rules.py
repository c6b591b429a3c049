"""Rules of Lading's own, and Docker's, beyond their examples: near misses, and the file that the rules were made for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading import lint
from lading.dockerfile.edit import apply
from lading.dockerfile.source import Joined
from lading.lint import accounts, checking, shell

OWN = tuple(lint.load(code) for code in lint.RULES if not code.startswith("DL"))
ACCEPTANCE = """\
FROM ubuntu
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y golang-go
COPY app.go .
RUN CGO_ENABLED=0 go build app.go

# runtime stage
FROM alpine:3.12.1
RUN chmod a-w /etc
RUN addgroup -S appgroup && adduser -G appgroup -h /home/appuser
RUN rm -fr /bin/*
COPY --from=0 /app /home/appuser/
USER appuser
CMD ["/home/appuser/app"]
"""


def found(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.code) for one in checking.check(text.encode(), rules=OWN).findings]


def with_base(text: str, *ignored: str) -> list[tuple[int, str]]:
    quiet = {"LD1001", "LD1003", *ignored}
    return [(line, code) for line, code in found("FROM alpine:3.20\n" + text) if code not in quiet]


def test_the_file_of_the_acceptance() -> None:
    assert found(ACCEPTANCE) == [
        (8, "LD1001"),
        (8, "LD1007"),
        (10, "LD1005"),
        (11, "LD1009"),
        (12, "LD1016"),
    ]


@pytest.mark.parametrize(
    ("copy", "advice"),
    [
        pytest.param(
            "--from=b x /x", "gcc, make stay in the final stage: move it to the stage b", id="a-stage"
        ),
        pytest.param(
            "--from=a.b/c:1 x /x",
            "gcc, make stay in the final stage: build in a stage of its own",
            id="an-image",
        ),
    ],
)
def test_compilers_are_moved_to_stages_that_there_are(copy: str, advice: str) -> None:
    text = f"FROM alpine:3.20 AS b\nFROM alpine:3.20\nCOPY {copy}\nRUN apk add gcc make\n"
    outcome = checking.check(text.encode(), rules=[lint.load("LD1006")])
    assert [one.message.startswith(advice) for one in outcome.findings] == [True]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        pytest.param("COPY a /x/", "mount it instead (RUN --mount=type=bind)", id="of-the-context"),
        pytest.param(
            "ADD http://h/a /x/", "fetch it in a stage of its own, and mount that", id="of-the-network"
        ),
        pytest.param("RUN curl -o /x/a http://h/b", "remove it in that step", id="of-a-step"),
    ],
)
def test_what_is_to_be_done_about_what_stays(line: str, remedy: str) -> None:
    outcome = checking.check(f"FROM a\n{line}\nRUN rm /x/a\n".encode(), rules=[lint.load("LD1009")])
    assert [remedy in one.message for one in outcome.findings] == [True]


def test_an_argument_that_is_its_own_default_is_left_at_its_name() -> None:
    outcome = checking.check(
        b'ARG A=1\nFROM alpine:3.20\nARG A="${A}" B=$A\n', rules=[lint.load("UndefinedVar")]
    )
    assert [one.message for one in outcome.findings] == [
        "A is not set yet: ARG A alone takes the build argument"
    ]
    fix = outcome.findings[0].fix
    assert fix is not None
    assert apply(outcome.file.source, [fix.edits]).source.text.splitlines()[2] == "ARG A B=$A"


def test_its_account_gets_the_name_of_its_home() -> None:
    outcome = checking.check(ACCEPTANCE.encode(), rules=[lint.load("LD1005")])
    fix = outcome.findings[0].fix
    assert fix is not None
    fixed = apply(outcome.file.source, [fix.edits]).source.text.splitlines()[9]
    assert fixed == "RUN addgroup -S appgroup && adduser -D -G appgroup -h /home/appuser appuser"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ENV a b\nENV c=d\n", [(2, "LegacyKeyValueFormat")], id="old-env"),
        pytest.param("ENV a b=c d\n", [(2, "LegacyKeyValueFormat")], id="old-env-with-equals-in-value"),
        pytest.param("ENV MY_KEY=$x\n", [(2, "SecretsUsedInArgOrEnv"), (2, "UndefinedVar")], id="secret"),
        pytest.param(
            "ENV A_KEY=0123456789abcdef0123456789abcdef01234567\n",
            [(2, "SecretsUsedInArgOrEnv")],
            id="no-fingerprint",
        ),
        pytest.param("ARG D=/x\nENV A_KEY=$D/a B_KEY=${D}\n", [], id="secret-that-is-a-path"),
        pytest.param("ARG A_KEY=true B_AUTH=10\n", [(2, "SecretsUsedInArgOrEnv")], id="switch-and-number"),
        pytest.param("ENV KEYS=1 TOKENIZER=2\n", [], id="names-that-only-begin-so"),
        pytest.param("COPY . .\nRUN apk add $(cat names)\n", [], id="packages-in-a-copied-list"),
        pytest.param("COPY . .\nRUN xargs apk add < names\n", [], id="packages-by-xargs"),
        pytest.param("COPY . .\nRUN apk add $names\n", [(2, "LD1011")], id="packages-in-a-variable"),
        pytest.param("RUN curl x | tee a | sh\n", [(2, "LD1012")], id="shell-further-down"),
        pytest.param("RUN curl x; echo y | sh\n", [], id="shell-of-another-pipeline"),
        pytest.param("RUN curl x | sh -c cat\n", [], id="shell-with-its-own-program"),
        pytest.param("RUN curl x | bash script\n", [], id="shell-with-a-file"),
        pytest.param("RUN curl http://x/a > /dev/null\n", [], id="saved-nowhere"),
        pytest.param("RUN curl -so- http://x/a; wget -qO- http://x/a\n", [], id="saved-to-output"),
        pytest.param("RUN curl -so a http://x/a\n", [(2, "LD1013")], id="saved-to-a-file"),
        pytest.param(
            "RUN curl -so $n.bin http://x/b\nRUN echo 1 $n.bin | sha256sum -c\n",
            [],
            id="checked-in-the-next-step",
        ),
        pytest.param(
            "RUN echo 1 a.bin | sha256sum -c\nRUN curl -so a.bin http://x/b\n",
            [(3, "LD1013")],
            id="checked-before",
        ),
        pytest.param(
            "RUN wget -O a.bin http://x/b\nRUN echo 1 c.bin | sha256sum -c\n",
            [(2, "LD1013")],
            id="another-checked",
        ),
        pytest.param(
            "RUN wget -O a.bin http://x/b\nFROM alpine:3.20\nRUN echo 1 a.bin | sha256sum -c\n",
            [(1, "LD1014"), (2, "LD1013")],
            id="checked-in-another-stage",
        ),
        pytest.param(
            "ADD http://x/a.tgz /tmp\nRUN cd /tmp && sha256sum -c sums\n", [(2, "LD1013")], id="folder-named"
        ),
        pytest.param(
            "ADD http://x/a /b\nRUN sha256sum -c /b.sum && tar xf /b\n", [], id="added-under-a-name"
        ),
        pytest.param("RUN curl http://x/key > /etc/apt/trusted.gpg.d/x.asc\n", [], id="key-redirected"),
        pytest.param(
            "RUN adduser -D x\nCOPY a /home/x/\nRUN chown x /home/x/a\nUSER x\n", [], id="owner-of-the-file"
        ),
        pytest.param(
            "RUN adduser -D x\nCOPY a /home/x/\nRUN cd /home/x && chown x a\nUSER x\n",
            [],
            id="owner-of-some-file",
        ),
        pytest.param(
            "RUN adduser -D x && chown x /home/x\nCOPY a /home/x/\nRUN chown x /srv\nUSER x\n",
            [(3, "LD1016")],
            id="owner-of-others",
        ),
        pytest.param("COPY a /etc/a\nRUN rm /etc/a\n", [(3, "LD1009")], id="removed"),
        pytest.param(
            "RUN curl -Lo /a.bin $U/$V\nRUN curl http://x/b-$V.sig -O\nRUN sha256sum -c /a.bin && rm *-$V.sig /a.bin\n",
            [(4, "LD1009"), (4, "LD1009")],
            id="downloads-removed",
        ),
        pytest.param(
            "RUN cd /tmp && wget http://x/a.sig\nRUN rm /a.sig && cd /tmp && rm a.sig\n",
            [],
            id="download-elsewhere",
        ),
        pytest.param(
            "RUN --mount=type=cache,target=/c wget -P /c http://x/a.sig\nRUN rm -f /c/a.sig\n",
            [],
            id="download-into-a-mount",
        ),
        pytest.param(
            "RUN wget http://x/a.sig && rm *.sig\nRUN rm -f a.sig\n", [], id="download-removed-at-once"
        ),
        pytest.param("COPY a /etc/\nRUN rm /etc/a\n", [(3, "LD1009")], id="removed-from-folder"),
        pytest.param("COPY a /etc/\nRUN if x; then rm /etc/a; fi\n", [], id="perhaps-removed"),
        pytest.param("RUN chmod 0777 /usr/bin\n", [(2, "LD1008")], id="mode-of-four"),
        pytest.param("RUN chmod 2775 /usr/bin\n", [], id="group-mode"),
        pytest.param("RUN chmod o+w,g+w //etc//x\n", [(2, "LD1008")], id="mode-of-two-parts"),
        pytest.param("RUN chmod 6755 /usr/bin/x\n", [(2, "LD1007")], id="setuid-and-setgid"),
        pytest.param("ONBUILD RUN adduser -D\n", [(2, "LD1005")], id="in-onbuild"),
        pytest.param("RUN adduser -D -h/home/x y\nUSER y\n", [], id="attached-value"),
        pytest.param("COPY <<EOF /x\n$foo\nEOF\n", [], id="heredoc-is-no-source"),
    ],
)
def test_more_cases(text: str, expected: list[tuple[int, str]]) -> None:
    assert with_base(text) == expected


@pytest.mark.parametrize(
    ("command", "image", "name", "uid", "home"),
    [
        pytest.param("adduser -u 12 -h /x a", "alpine:3", "a", "12", "/x", id="busybox"),
        pytest.param("adduser a group", "alpine:3", "a", "", "", id="busybox-into-group"),
        pytest.param("adduser --uid=12 --home /x a", "debian:12", "a", "12", "/x", id="debian"),
        pytest.param("adduser -c note -d /x a", "fedora:41", "a", "", "/x", id="red-hat"),
        pytest.param("useradd -rmu12 -- a", "debian:12", "a", "12", "", id="shadow"),
        pytest.param("useradd -m -G a,b", "debian:12", None, "", "", id="nameless"),
    ],
)
def test_accounts(command: str, image: str, name: str | None, uid: str, home: str) -> None:
    script = shell.parse(Joined(command, ((0, 0),)))
    account = accounts.read(script.commands[0], image)
    assert account is not None
    assert (account.name and account.name.text, account.uid, account.home) == (name, uid, home)


PIECES = st.sampled_from(
    [
        "FROM a AS b\n", "FROM b\n", "FROM $x\n", "ARG x\n", "ENV a b c\n", "RUN ", "adduser -h ", "useradd -", "chmod ",
        "777 /etc ", "curl http:// ", "| sh ", "\\\n", "\n", "\n\n", "COPY . /\n", "COPY --from=9999999999999 a b\n",
        "RUN --mount=from=b,from=\n", "EXPOSE 1:2:/X\n", "<<E\n", "E\n", '["', '"]', "$", "${", "rm /\0 ", "\ud800", "USER 0:\n",
        "go build -o", "apt-get install gcc\n", "ghp_", "AKIA", "https://a:b", "@", "LABEL a\n", "CMD []\n", "# x\n",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_nothing_makes_them_fail(text: str) -> None:
    checking.check(text.encode("utf-8", "surrogatepass"), context=Path(__file__).parent, rules=OWN)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["https://" + "a" * 64, "chmod " + "o" * 99 + " /etc;", "../", "${x", "AKIA", "*"]
)
def test_long_lines_take_their_time_and_no_more(piece: str) -> None:
    text = "FROM a\nRUN " + piece * 2000 + "\nCOPY " + piece * 2000 + " /\n"
    checking.check(text.encode(), context=Path(__file__).parent, rules=OWN)
