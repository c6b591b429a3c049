from __future__ import annotations

import json
from typing import Any

import pytest

from lading.build import image_config as config
from lading.build.image_config import State
from lading.build.words import Words
from lading.dockerfile.parse import parse
from lading.errors import LadingError, MalformedError
from lading.oci.image import Platform

AMD64 = Platform("linux", "amd64")


def _after(text: str, state: State | None = None) -> tuple[State, list[str]]:
    """Return the state after the instructions in `text`, and how the history calls them."""
    file = parse(f"FROM a\n{text}\n")
    assert file.errors == ()
    state = state or State(AMD64)
    told = []
    for instruction in file.stages[0].instructions:
        state, by = config.apply(state, instruction, Words({"v": "w", "two": "a b"}))
        told.append(by)
    return state, told


@pytest.mark.parametrize(
    ("text", "members", "told"),
    [
        ("ENV a=1 b=$v", {"Env": ["a=1", "b=w"]}, "ENV a=1 b=w"),
        ("ENV a x  y", {"Env": ["a=x  y"]}, "ENV a=x  y"),
        ('LABEL a="1 2" c=$v', {"Labels": {"a": "1 2", "c": "w"}}, "LABEL a=1 2 c=w"),
        ("CMD echo $v", {"Cmd": ["/bin/sh", "-c", "echo $v"]}, 'CMD ["/bin/sh","-c","echo $v"]'),
        ('CMD ["a", "$v"]', {"Cmd": ["a", "$v"]}, 'CMD ["a","$v"]'),
        ("CMD []", {}, "CMD []"),
        ('ENTRYPOINT ["a"]', {"Entrypoint": ["a"]}, 'ENTRYPOINT ["a"]'),
        ('SHELL ["/bin/bash", "-ec"]\nCMD a', {"Shell": ["/bin/bash", "-ec"], "Cmd": ["/bin/bash", "-ec", "a"]}, "CMD"),
        ("EXPOSE 80 $two/udp 9-10", None, ""),
        ("EXPOSE 81 80/udp", {"ExposedPorts": {"80/udp": {}, "81/tcp": {}}}, "EXPOSE 81/tcp 80/udp"),
        ("VOLUME /b /$v", {"Volumes": {"/b": {}, "/w": {}}}, 'VOLUME ["/b","/w"]'),
        ("USER $v:g", {"User": "w:g"}, "USER w:g"),
        ("WORKDIR /a\nWORKDIR b/../c", {"WorkingDir": "/a/c"}, "WORKDIR /a/c"),
        ("WORKDIR //a/./b/", {"WorkingDir": "/a/b"}, "WORKDIR /a/b"),
        ("WORKDIR ../..", {"WorkingDir": "/"}, "WORKDIR /"),
        ("STOPSIGNAL SIGINT", {"StopSignal": "SIGINT"}, "STOPSIGNAL SIGINT"),
        ("STOPSIGNAL 9", {"StopSignal": "9"}, "STOPSIGNAL 9"),
        ("STOPSIGNAL sigrtmin+3", {"StopSignal": "sigrtmin+3"}, "STOPSIGNAL sigrtmin+3"),
        ("STOPSIGNAL bogus", None, ""),
        ("HEALTHCHECK NONE", {"Healthcheck": {"Test": ["NONE"]}}, "HEALTHCHECK NONE"),
        (
            "HEALTHCHECK --interval=1m30s --timeout=5s --retries=3 --start-period=0s CMD curl x",
            {"Healthcheck": {"Test": ["CMD-SHELL", "curl x"], "Interval": 90 * 10**9, "Timeout": 5 * 10**9, "Retries": 3}},
            'HEALTHCHECK ["CMD-SHELL","curl x"]',
        ),
        ('HEALTHCHECK CMD ["a"]', {"Healthcheck": {"Test": ["CMD", "a"]}}, 'HEALTHCHECK ["CMD","a"]'),
        ("ONBUILD RUN a $v", {"OnBuild": ["RUN a $v"]}, "ONBUILD RUN a $v"),
        ("ONBUILD COPY <<X /y\nhello $v\nX", {"OnBuild": ["COPY <<X /y\nhello $v\nX\n"]}, "ONBUILD COPY <<X /y"),
    ],
)  # fmt: skip
def test_instructions(text: str, members: dict[str, Any] | None, told: str) -> None:
    if members is None:
        with pytest.raises(MalformedError, match=r"signal|a port"):
            _after(text)
        return
    state, by = _after(text)
    assert state.execution == members
    assert by[-1].startswith(told)


def test_maintainer_is_the_author() -> None:
    state, _ = _after("MAINTAINER A <a@b>")
    assert config.document(state, diff_ids=[], history=[], created="x")["author"] == "A <a@b>"


def test_a_variable_keeps_its_place() -> None:
    state, _ = _after("ENV a=1 b=2\nENV a=3 c=4")
    assert state.execution["Env"] == ["a=3", "b=2", "c=4"]
    assert state.environment == {"a": "3", "b": "2", "c": "4"}


@pytest.mark.parametrize(
    ("text", "cmd"),
    [
        ('ENTRYPOINT ["e"]', None),
        ('CMD ["mine"]\nENTRYPOINT ["e"]', ["mine"]),
        ('ENTRYPOINT ["e"]\nCMD ["mine"]', ["mine"]),
        ("USER x", ["base"]),
    ],
)
def test_an_entrypoint_takes_the_arguments_of_the_base_away(text: str, cmd: list[str] | None) -> None:
    base = config.read(b'{"config": {"Cmd": ["base"]}}', AMD64, "x").begun()
    assert _after(text, base)[0].execution.get("Cmd") == cmd


def test_a_base_is_read_and_what_it_says_is_kept() -> None:
    raw = json.dumps(
        {
            "created": "2020-01-01T00:00:00Z", "architecture": "arm64", "os": "linux", "variant": "v8",
            "os.features": ["x"], "author": "A", "history": [{}], "rootfs": {"diff_ids": ["x"]},
            "config": {"Env": ["PATH=/bin", "a=b=c"], "OnBuild": ["RUN x"], "Unknown": [1], "WorkingDir": "/w"},
        }
    ).encode()  # fmt: skip
    state = config.read(raw, AMD64, "x")
    assert state.platform == Platform("linux", "arm64", "v8")
    assert state.environment == {"PATH": "/bin", "a": "b=c"}
    assert (state.triggers, state.begun().triggers) == (("RUN x",), ())
    assert config.document(state.begun(), diff_ids=["d"], history=[{"created_by": "y"}], created="now") == {
        "created": "now", "architecture": "arm64", "variant": "v8", "os": "linux", "author": "A",
        "os.features": ["x"], "rootfs": {"type": "layers", "diff_ids": ["d"]}, "history": [{"created_by": "y"}],
        "config": {"Env": ["PATH=/bin", "a=b=c"], "Unknown": [1], "WorkingDir": "/w"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"config": 1}', b'{"config": {"Env": [1]}}', b'{"config": {"User": {}}}', b"\xff"],
)
def test_no_config(raw: bytes) -> None:
    with pytest.raises(MalformedError, match="x: not an image config"):
        config.read(raw, AMD64, "x")


def test_a_config_of_nothing() -> None:
    assert config.read(b'{"config": null}', AMD64, "x") == State(AMD64)


def test_words_that_cannot_be_read() -> None:
    with pytest.raises(LadingError, match="empty"):
        _after("WORKDIR $nothing")
    with pytest.raises(LadingError, match="no name"):
        _after("ENV $nothing=1")
