from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from lading import net
from lading.build import build_context, content
from lading.build.build_context import Context, Named, Opener
from lading.build.elsewhere import Elsewhere
from lading.errors import LadingError, MalformedError, UnavailableError, UsageError


@pytest.fixture(name="root")
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    for name in ("Dockerfile", "sub/Other", "app", "notes.md"):
        (root / name).write_text(f"# {name}\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return root


@pytest.fixture(name="opener")
def _opener(tmp_path: Path) -> Opener:
    (tmp_path / "scratch").mkdir()
    return Opener(Elsewhere(net.client, tmp_path / "scratch"), io.BytesIO(b"# from stdin\n"))


def _names(context: Context) -> list[str]:
    return [path for path, _ in content.walk(context.files, "") if path]


def _packed(root: Path) -> Path:
    path = root.parent / "context.tar"
    with tarfile.open(path, "w") as made:
        made.add(root, ".")
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("file", "dockerfile", "name"),
    [
        ("", b"# Dockerfile\n", "Dockerfile"),
        ("sub/Other", b"# sub/Other\n", "Other"),
        ("./sub/../sub/Other", b"# sub/Other\n", "Other"),
        ("-", b"# from stdin\n", "Dockerfile"),
    ],
)
def test_dockerfiles(
    opener: Opener, root: Path, file: str, dockerfile: bytes, name: str, *, packed: bool
) -> None:
    found = opener.context(str(_packed(root) if packed else root), file)
    assert (found.dockerfile, found.name) == (dockerfile, name)
    assert _names(found) == ["Dockerfile", "app", "notes.md", "sub", "sub/Other"]
    assert found.files.title == "the build context"


def test_a_path_of_this_machine_goes_first(opener: Opener, root: Path) -> None:
    Path("sub").mkdir()
    Path("sub/Other").write_text("# here\n")
    assert opener.context(str(root), "sub/Other").dockerfile == b"# here\n"
    assert opener.context(str(root), str(root / "sub/Other")).dockerfile == b"# sub/Other\n"


def test_containerfile(opener: Opener, root: Path) -> None:
    (root / "Containerfile").write_text("# second\n")
    assert opener.context(str(root)).name == "Dockerfile"
    (root / "Dockerfile").unlink()
    assert opener.context(str(root)).dockerfile == b"# second\n"


@pytest.mark.parametrize(
    ("files", "file", "missing"),
    [
        pytest.param({".dockerignore": "app"}, "", "app", id="of-the-context"),
        pytest.param(
            {".dockerignore": "app", "Dockerfile.dockerignore": "notes.md"},
            "",
            "notes.md",
            id="of-the-dockerfile",
        ),
        pytest.param(
            {".dockerignore": "app", "sub/Other.dockerignore": "notes.md"},
            "sub/Other",
            "notes.md",
            id="beside",
        ),
        pytest.param(
            {".dockerignore": "app", "Other.dockerignore": "notes.md"}, "sub/Other", "app", id="not-beside"
        ),
        pytest.param(
            {".dockerignore": "app", "Dockerfile.dockerignore": "notes.md"}, "-", "app", id="from-stdin"
        ),
        pytest.param(
            {"../elsewhere/Mine": "#", "../elsewhere/Mine.dockerignore": "app"}, "Mine", "app", id="outside"
        ),
        pytest.param({"../elsewhere/Mine": "#", ".dockerignore": "app"}, "Mine", "app", id="outside-without"),
        pytest.param({".dockerignore": "app\nDockerfile\n"}, "", "app", id="the-dockerfile-is-read-anyway"),
    ],
)
def test_ignore_files(opener: Opener, root: Path, files: dict[str, str], file: str, missing: str) -> None:
    for name, text in files.items():
        (root / name).write_text(text)
    found = opener.context(str(root), file)
    assert {"app", "notes.md"} - set(_names(found)) == {missing}
    assert found.dockerfile


def test_an_empty_ignore_file_of_its_own_lets_all_in(opener: Opener, root: Path) -> None:
    (root / ".dockerignore").write_text("app")
    (root / "Dockerfile.dockerignore").write_text("")
    assert "app" in _names(opener.context(str(root)))


def test_links_that_lead_out_are_not_followed(opener: Opener, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").symlink_to("../secret")
    with pytest.raises(UnavailableError, match="there is no Dockerfile"):
        opener.context(str(root))
    (root / "Dockerfile").unlink()
    (root / "Dockerfile").symlink_to("sub/Other")
    (root / ".dockerignore").symlink_to("../secret")
    assert opener.context(str(root)).dockerfile == b"# sub/Other\n"


@pytest.mark.parametrize(
    ("text", "file", "error", "words"),
    [
        ("-", "-", UsageError, "cannot both come from standard input"),
        ("-", "x", UnavailableError, "-: is no archive"),
        ("ROOT", "dockerfil", UnavailableError, "ROOT: there is no dockerfil in the build context"),
        ("ROOT/sub", "", UnavailableError, "ROOT/sub: there is no Dockerfile in the build context"),
        ("none", "", UnavailableError, "there is no such directory"),
    ],
)
def test_wrong(
    opener: Opener, root: Path, text: str, file: str, error: type[LadingError], words: str
) -> None:
    with pytest.raises(error) as caught:
        opener.context(text.replace("ROOT", str(root)), file)
    assert words.replace("ROOT", str(root)) in str(caught.value)


def test_near_names(opener: Opener, root: Path) -> None:
    (root / "Dockerfile").rename(root / "dockerfile")
    with pytest.raises(UnavailableError) as caught:
        opener.context(str(root))
    assert caught.value.hint == "did you mean dockerfile?"


def test_a_broken_ignore_file(opener: Opener, root: Path) -> None:
    (root / ".dockerignore").write_text("a\n[\n")
    with pytest.raises(MalformedError, match=r"root/\.dockerignore:2: not a pattern"):
        opener.context(str(root))


def test_a_dockerfile_alone(opener: Opener) -> None:
    found = opener.context("-")
    assert (found.dockerfile, found.name) == (b"# from stdin\n", "Dockerfile")
    assert _names(found) == []


def test_digests_are_remembered(root: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    opener = Opener(Elsewhere(net.client, tmp_path / "scratch"), io.BytesIO(), tmp_path / "stats")
    found = opener.context(str(root))
    assert found.cache is not None
    found.files.digest("")
    found.save()
    opener.context("-", "").save()


def test_further_contexts(opener: Opener, root: Path) -> None:
    (root / ".dockerignore").write_text("app")
    (root / "Dockerfile").unlink()
    found = opener.files(str(root), "the context more")
    assert (_names(found), found.dockerfile) == ([".dockerignore", "notes.md", "sub", "sub/Other"], b"")
    assert found.files.title == "the context more"
    with pytest.raises(UnavailableError, match="is neither a directory nor an archive"):
        opener.files("-", "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=dir", Named("a", place="dir")),
        ("a=docker-image://alpine:3", Named("a", image="alpine:3")),
        ("a=oci-layout://dir:tag", Named("a", layout="dir:tag")),
        ("alpine:3.12=docker-image://x@sha256:ab", Named("alpine:3.12", image="x@sha256:ab")),
        ("a=https://h/r.git?ref=b", Named("a", place="https://h/r.git?ref=b")),
    ],
)
def test_named(text: str, expected: Named) -> None:
    assert build_context.named(text) == expected


@pytest.mark.parametrize("text", ["a", "=b", "a=", "", "a=docker-image://"])
def test_not_named(text: str) -> None:
    with pytest.raises(UsageError):
        build_context.named(text)


def test_a_dockerfile_from_a_pipe(opener: Opener, root: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"echo '# piped' > {pipe}"]) as writer:
        found = opener.context(str(root), str(pipe))
        assert writer.wait(30) == 0
    assert (found.dockerfile, found.name) == (b"# piped\n", "Dockerfile")


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("", "name the Dockerfile with -f"),
        ("none/such", "a Dockerfile is looked up here, then in the context"),
    ],
)
def test_no_dockerfile(opener: Opener, root: Path, file: str, hint: str) -> None:
    (root / "Dockerfile").unlink()
    with pytest.raises(UnavailableError, match="there is no") as raised:
        opener.context(str(root), file)
    assert raised.value.hint == hint
