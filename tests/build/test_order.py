"""Whole builds, with the real Alpine and real commands."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

import needs
from building import ALPINE, Site
from lading.build import compress, isolation
from lading.build.directory_files import DirectoryFiles
from lading.build.events import Begun, Told
from lading.errors import FailedError, LadingError, MalformedError, UnavailableError, UsageError
from lading.oci.image import Platform

pytestmark = [needs.root(), needs.tool("crun")]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path).with_alpine()
    mounts = Path("/proc/self/mounts").read_text()
    assert str(tmp_path) not in mounts
    assert list((tmp_path / "files" / "tmp").glob("*")) == []
    assert list((tmp_path / "images" / ".tmp").glob("*")) == []


def test_stages_files_commands_and_config(site: Site) -> None:
    (site.context / "app").mkdir()
    (site.context / "app" / "main.sh").write_text("#!/bin/sh\necho hi\n")
    (site.context / "app" / "main.sh").chmod(0o755)
    built = site.build(f"""
FROM {ALPINE} AS build
ARG WHAT=built
ENV HOW=well
RUN echo "$WHAT $HOW" > /out && adduser -D -u 1234 me && rm -r /media
FROM {ALPINE}
RUN adduser -D -u 1234 me
USER me
WORKDIR /srv/app
COPY --chown=me app .
COPY --from=build /out /etc/out
RUN id -un > who && pwd >> who && echo $HOME >> who
CMD ["./main.sh"]
""")
    root = site.unpacked()
    assert (root / "etc/out").read_text() == "built well\n"
    assert (root / "srv/app/who").read_text() == "me\n/srv/app\n/home/me\n"
    assert stat.filemode((root / "srv/app/main.sh").stat().st_mode) == "-rwxr-xr-x"
    assert {(root / "srv/app" / name).stat().st_uid for name in ("", "main.sh", "who")} == {1234}
    assert (root / "etc/out").stat().st_uid == 0
    assert (root / "media").is_dir()
    state = built.finished.chain.state.execution
    assert (state["Cmd"], state["User"], state["WorkingDir"]) == (["./main.sh"], "me", "/srv/app")
    assert [layer.line for layer in built.image.layers] == [0, 7, 9, 10, 11, 12]
    assert "resolv.conf" not in "".join(site.paths(-1))


def test_a_second_build_does_nothing_and_gives_the_same_image(site: Site) -> None:
    text = f"FROM {ALPINE}\nRUN echo x > /x\nCOPY . /c\nLABEL a=b\n"
    (site.context / "f").write_text("1")
    first = site.build(text)
    again = site.build(text)
    assert (again.digest, again.finished.cached) == (first.digest, 3)
    os.utime(site.context / "f", (0, 0))
    assert site.build(text).digest == first.digest
    (site.context / "f").write_text("2")
    assert site.build(text).finished.cached == 1


def test_what_is_known_of_removed_files_on_disk_is_made_again(site: Site) -> None:
    from lading.build import unpack

    site.build(f"FROM {ALPINE}\nRUN echo x > /x\n")
    unpack.remove(site.folder / "files")
    site.build(f"FROM {ALPINE}\nRUN echo x > /x\nRUN cat /x > /y\n")
    assert (site.unpacked() / "y").read_text() == "x\n"


def test_the_same_input_at_the_same_time_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        site = Site(tmp_path / str(number)).with_alpine()
        for name in ("b", "a") if number else ("a", "b"):
            (site.context / name).write_text(name)
        text = f"FROM {ALPINE}\nRUN mkdir /d && for n in $(seq 50); do echo $n > /d/$n; done\nCOPY . /c\nWORKDIR /w\n"
        digests.append(site.build(text, epoch_s=1_000_000_000, use_cache=False).digest)
    assert digests[0] == digests[1]


def test_a_command_that_fails(site: Site) -> None:
    with pytest.raises(FailedError, match=r"^line 3: exit status 7: RUN echo told; exit 7$"):
        site.build(f"FROM {ALPINE}\n\nRUN echo told; exit 7\n")
    assert site.output == "told\n"
    with pytest.raises(FailedError, match=r"^line 2: exit status 127"):
        site.build(f'FROM {ALPINE}\nRUN ["/no/such/program"]\n')


def test_a_heredoc_that_is_a_program(site: Site) -> None:
    site.build(
        f"FROM {ALPINE}\nARG v=1\nRUN <<EOF\n#!/bin/cat\n$v and text\nEOF\nCOPY <<A <<'B' /d/\n$v\nA\n$v\nB\n"
    )
    assert site.output == "#!/bin/cat\n$v and text\n"
    root = site.unpacked()
    assert ((root / "d/A").read_text(), (root / "d/B").read_text()) == ("1\n", "$v\n")
    assert not (root / "dev/pipes").exists()


def test_a_secret_is_nowhere(site: Site) -> None:
    secret = b"s3cr3t-0f-th1s-t3st"
    built = site.build(
        f"FROM {ALPINE}\nRUN --mount=type=secret,id=a --mount=type=secret,id=b,env=B,target=/b,mode=0444,uid=5 "
        'sha256sum /run/secrets/a && ls -ln /b /run/secrets/a && test -n "$B"\nRUN ls -a /run /b || true\n',
        secrets={"a": lambda: secret, "b": lambda: secret},
    )
    assert "-r--r--r--    1 5        0" in site.output
    assert "-r--------    1 0        0" in site.output
    assert "/b: No such file" in site.output
    for path in site.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert secret not in path.read_bytes(), path
    assert secret not in built.image.config
    assert secret.decode() not in repr(site.events)
    with pytest.raises(UsageError, match=r"^line 2: no secret is given for id c"):
        site.build(f"FROM {ALPINE}\nRUN --mount=type=secret,id=c,required true\n")
    site.build(f"FROM {ALPINE}\nRUN --mount=type=secret,id=c test ! -e /run/secrets/c\n")


def test_mounts_of_files(site: Site) -> None:
    (site.context / "in").mkdir()
    (site.context / "in" / "f").write_text("of the context")
    other = site.folder / "other"
    other.mkdir()
    (other / "o").write_text("of another context")
    site.build(
        f"FROM {ALPINE} AS one\nRUN echo of a stage > /s\nFROM {ALPINE}\n"
        "RUN --mount=target=/ctx --mount=from=one,source=/s,target=/s --mount=from=two,target=/two,rw "
        "--mount=type=tmpfs,target=/t,size=1m cat /ctx/in/f /s /two/o > /all && echo lost > /two/x && touch /t/x && ! touch /ctx/y\n"
        "RUN ls -d /ctx /s /two /t; true\n",
        contexts={"two": lambda: DirectoryFiles(other)},
    )
    assert site.paths(1) == ["all"]
    assert (site.unpacked() / "all").read_text() == "of the contextof a stage\nof another context"
    assert sorted(path.name for path in other.iterdir()) == ["o"]
    (site.context / "in" / "f").write_text("changed")
    assert site.build(f"FROM {ALPINE}\nRUN --mount=target=/ctx cat /ctx/in/f\n").finished.cached == 0


def test_a_cache_outlives_the_build(site: Site) -> None:
    text = f"FROM {ALPINE}\nRUN --mount=type=cache,target=/c,id=%s,uid=5,mode=0700 ls -ldn /c; echo $(ls /c); touch /c/%s\n"
    site.build(text % ("one", "a"))
    assert "drwx------    2 5        0" in site.output
    site.build(text % ("one", "b"))
    assert site.output.endswith("\na\n")
    site.build(text % ("two", "c"))
    assert site.output.endswith("\n\n")
    begun = f"FROM {ALPINE}\nRUN --mount=type=cache,target=/c,from={ALPINE},source=/etc/apk ls /c\n"
    site.build(begun)
    assert "repositories" in site.output


def test_networks(site: Site) -> None:
    site.build(f"FROM {ALPINE}\nRUN --network=none ls /sys/class/net\n")
    assert site.output == "lo\n"
    site.build(f"FROM {ALPINE}\nRUN cat /etc/hosts\n", hosts=(("somewhere", "10.1.2.3"),), use_cache=False)
    assert "10.1.2.3" in site.output
    assert (
        site.unpacked() / "etc/hosts"
    ).read_text() == "127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n"


def test_triggers_of_a_base_that_was_built_here(site: Site) -> None:
    (site.context / "f").write_text("1")
    site.build(f"FROM {ALPINE}\nONBUILD COPY f /f\nONBUILD RUN cp /f /g\n", names=("base",))
    site.build("FROM base\nRUN cat /g\n")
    assert site.output == "1"
    site.build("FROM it\nRUN cat /g\n", use_cache=False, names=("third",))
    assert len(site.store.open_image("third").layers) == 3


def test_linked_files_do_not_depend_on_what_lies_below(site: Site) -> None:
    (site.context / "f").write_text("1")
    site.build(f"FROM {ALPINE}\nCOPY --link f /deep/er/\n")
    site.build(f"FROM {ALPINE}\nRUN echo new > /x\nCOPY --link f /deep/er/\n")
    assert site.paths(-1) == ["deep", "deep/er", "deep/er/f"]
    assert site.build("FROM scratch\nCOPY --link f /deep/er/\n").finished.cached == 1


def test_what_follows_a_linked_copy_depends_on_what_lies_below_that(site: Site) -> None:
    (site.context / "f").write_text("1")
    for what in ("old", "new"):
        site.build(f"FROM {ALPINE}\nRUN echo {what} > /x\nCOPY --link f /f\nRUN cp /x /y\n")
        assert (site.unpacked() / "y").read_text() == f"{what}\n"


def test_a_linked_layer_has_the_time_and_the_form_that_are_asked_for(site: Site) -> None:
    (site.context / "f").write_text("1")
    text = "FROM scratch\nCOPY --link f /f\n"
    site.build(text)
    built = site.build(text, epoch_s=5, compression=compress.parse("zstd"))
    assert built.finished.cached == 0
    assert built.image.layers[0].media_type.endswith("+zstd")
    assert (site.unpacked() / "f").stat().st_mtime == 5


def test_a_name_that_is_added_to_the_hosts_counts(site: Site) -> None:
    text = f"FROM {ALPINE}\nRUN cat /etc/hosts\n"
    site.build(text)
    assert site.build(text, hosts=(("there", "10.1.2.3"),)).finished.cached == 0
    assert "there" in site.output
    assert site.build(text, hosts=(("there", "10.1.2.4"),)).finished.cached == 1


def test_what_was_made_with_one_id_is_made_again_with_several(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"FROM {ALPINE}\nRUN touch /f\n"
    monkeypatch.setattr(isolation, "has_one_id", lambda: True)
    site.build(text)
    monkeypatch.undo()
    assert site.build(text).finished.cached == 0
    assert site.build(text).finished.cached == 1


def test_files_that_are_changed_during_the_build_are_not_taken_for_what_they_were(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is changed when its digest is known, and its content about to be read for the layer."""
    file = site.context / "f"
    file.write_text("before")
    read = DirectoryFiles.open

    def changed(files: DirectoryFiles, path: str) -> BinaryIO:
        monkeypatch.undo()
        file.write_text("later!")
        return read(files, path)

    monkeypatch.setattr(DirectoryFiles, "open", changed)
    site.build("FROM scratch AS two\nCOPY f /f\nFROM scratch\nCOPY --from=two /f /f\n")
    assert any("f was changed during the build" in one.text for one in site.events if isinstance(one, Told))
    assert (site.unpacked() / "f").read_text() == "later!"
    file.write_text("before")
    site.build("FROM scratch\nCOPY f /f\n")
    assert (site.unpacked() / "f").read_text() == "before"


def test_a_mount_that_is_changed_during_a_command(site: Site) -> None:
    file = site.context / "f"
    text = f"FROM {ALPINE}\nRUN --mount=target=/c sleep 1 && cat /c/f > /f\n"
    file.write_text("before")
    threading.Timer(0.8, file.write_text, ("later!",)).start()
    site.build(text)
    file.write_text("before")
    site.build(text)
    assert (site.unpacked() / "f").read_text() == "before"
    assert site.build(text).finished.cached == 1


def test_layers_of_a_command_that_was_run_twice_are_not_mixed(site: Site) -> None:
    draw = "RUN cat /proc/sys/kernel/random/uuid > /drawn\n"
    site.build(f"FROM {ALPINE}\n{draw}RUN cp /drawn /copy\n")
    before = site.build(f"FROM {ALPINE}\n{draw}")
    site.store.place(before.image.layers[-1].digest).unlink()
    site.build(f"FROM {ALPINE}\n{draw}RUN cp /drawn /copy\n")
    root = site.unpacked()
    assert (root / "drawn").read_text() == (root / "copy").read_text()


def test_labels_and_arguments_nobody_asks_for(site: Site) -> None:
    built = site.build(f"FROM {ALPINE}\nLABEL a=1\n", labels={"a": "2", "b": "3"}, arguments={"X": "1"})
    assert built.finished.chain.state.execution["Labels"] == {"a": "1"}
    assert b'"Labels":{"a":"2","b":"3"}' in built.image.config
    assert Told("no ARG asks for the build argument X", warning=True) in site.events


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("FROM nowhere\n", UnavailableError, "line 1: .*nowhere: .*no network"),
        ("FROM {}\nCOPY missing /\n", UnavailableError, "line 2: there is no missing"),
        ("FROM {}\nWORKDIR /etc/passwd/x\n", MalformedError, "line 2: /etc/passwd is no directory"),
        ("FROM {}\nUSER nobody-here\nRUN true\n", MalformedError, "line 3: there is no user 'nobody-here'"),
        ("FROM {}\nRUN --mount=type=bogus true\n", MalformedError, "line 2.*bogus"),
        (
            "FROM {}\nRUN --security=insecure true\n",
            UsageError,
            "line 2: RUN --security=insecure is not allowed",
        ),
        ("FROM {}\nCOPY --from=other /x /y\n", UnavailableError, "line 2: .*no network"),
        ("FROM {}\nRUN --mount=from=0,target=/x true\n", MalformedError, "line 2: from=0 is no stage before"),
    ],
)
def test_what_cannot_be_built(site: Site, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        site.build(text.format(ALPINE))


@pytest.mark.parametrize(
    "line",
    [
        "RUN --mount=type=bogus true",
        "RUN --mount=type=cache,colour=red,target=/x true",
        "RUN --network=bridge true",
        "RUN --security=insecure true",
        "RUN --device=gpu true",
        "COPY --chmod=rwx f /f",
        "COPY --link --chown=somebody f /f",
    ],
)
def test_flags_are_looked_at_before_anything_is_done(site: Site, line: str) -> None:
    with pytest.raises(LadingError, match=r"^line 4[:,] "):
        site.build(f"FROM {ALPINE} AS one\nRUN echo done\nFROM {ALPINE}\n{line}\nCOPY --from=one / /\n")
    assert [event for event in site.events if isinstance(event, Begun)] == []


def test_another_platform(site: Site) -> None:
    with pytest.raises(UnavailableError, match=r"line 1: .*linux/amd64.*linux/arm64"):
        site.build(f"FROM {ALPINE}\n", platform=Platform("linux", "arm64"))
    built = site.build("FROM scratch\nCOPY . /\n", platform=Platform("linux", "arm64"))
    assert built.image.architecture == "arm64"
