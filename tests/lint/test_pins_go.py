from __future__ import annotations

from collections.abc import Iterator

import pytest

from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, reason, site


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


def module(served: Site, path: str, versions: str, mod: str | None = None, latest: str = "") -> None:
    served.files[f"/go/{path}/@v/list"] = versions.replace(" ", "\n").encode()
    for version in versions.split():
        text = f"module {path}\n\ngo 1.21\n" if mod is None else mod
        served.files[f"/go/{path}/@v/{version}.mod"] = text.encode()
    if latest:
        served.files[f"/go/{path}/@latest"] = (
            f'{{"Version":"{latest}","Time":"2024-01-01T00:00:00Z"}}'.encode()
        )


@pytest.mark.parametrize(
    ("versions", "mod", "latest", "chosen"),
    [
        pytest.param("v1.9.0 v1.10.0 v1.2.0 v1.11.0-rc.1", None, "", "v1.10.0", id="highest-release"),
        pytest.param("v0.1.0-alpha v0.1.0-beta", None, "", "v0.1.0-beta", id="pre-releases-only"),
        pytest.param(
            "",
            None,
            "v0.0.0-20240101000000-abcdef012345",
            "v0.0.0-20240101000000-abcdef012345",
            id="no-version",
        ),
        pytest.param("v1.0.0 v1.1.0", "module x\nretract v1.1.0 // a slip\n", "", "v1.0.0", id="retracted"),
        pytest.param(
            "v1.0.0 v1.1.0 v1.2.0 v1.3.0",
            "module x\nretract (\n\t[v1.1.0, v1.2.0] // bad\n\tv1.3.0\n)\n",
            "",
            "v1.0.0",
            id="retracted-block",
        ),
        pytest.param(
            "v1.0.0", "module x\nretract v1.0.0\n", "v1.0.1-0.2024-x", "v1.0.1-0.2024-x", id="all-retracted"
        ),
        pytest.param("v1.0.0 v2.0.0+incompatible", None, "", "v1.0.0", id="a-go.mod-rules-incompatible-out"),
        pytest.param(
            "v1.0.0 v2.0.0+incompatible", "module x.example/tool\n", "", "v2.0.0+incompatible", id="no-go.mod"
        ),
        pytest.param(
            "v2.0.0+incompatible v3.0.0+incompatible",
            "module y",
            "",
            "v3.0.0+incompatible",
            id="only-incompatible",
        ),
        pytest.param("v1.0.0 garbage v9;x v1.2.0$(y)", None, "", "v1.0.0", id="garbage-in-the-list"),
    ],
)
def test_what_go_would_take(served: Site, versions: str, mod: str | None, latest: str, chosen: str) -> None:
    module(served, "x.example/tool", versions, mod, latest)
    assert served.ask("go", "x.example/tool") == {"x.example/tool": chosen}


def test_a_package_below_its_module(served: Site) -> None:
    module(served, "github.com/!burnt!sushi/tool", "v1.0.0")
    path = "github.com/BurntSushi/tool/cmd/x"
    assert served.ask("go", path) == {path: "v1.0.0"}
    assert served.ask("go", f"{path}/...") == {f"{path}/...": "v1.0.0"}


def test_the_longest_module_counts(served: Site) -> None:
    module(served, "golang.org/x/tools", "v0.30.0")
    module(served, "golang.org/x/tools/gopls", "v0.18.0")
    assert served.ask("go", "golang.org/x/tools/gopls", "golang.org/x/tools/cmd/goimports") == {
        "golang.org/x/tools/gopls": "v0.18.0",
        "golang.org/x/tools/cmd/goimports": "v0.30.0",
    }


@pytest.mark.parametrize(
    ("path", "said", "asked"),
    [
        ("github.com/a/b/cmd", "no module for github.com/a/b/cmd on the proxy", 4),
        ("x.example/a", "no module for x.example/a", 4),
        ("./cmd/x", "not the path of a Go package", 0),
        ("fmt", "not the path of a Go package", 0),
        ("cmd/go", "not the path of a Go package", 0),
        ("../x.example", "not the path of a Go package", 0),
        ("x.example/a b", "not the path of a Go package", 0),
        ("x.example//a", "not the path of a Go package", 0),
        ("", "not the path of a Go package", 0),
        ("x.example/" + "a/" * 500, "not the path of a Go package", 0),
    ],
    ids=lambda value: str(value)[:30],
)
def test_no_answer_is_a_reason(served: Site, path: str, said: str, asked: int) -> None:
    answer = served.ask("go", path)[path]
    assert said in reason(answer)
    assert isinstance(answer, Unknown)
    assert answer.absent
    assert len(served.served.log) == asked


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"Version": 3}', b"[" * 99_999])
def test_garbage_is_a_reason(served: Site, body: bytes) -> None:
    served.files["/go/x.example/a/@latest"] = body
    assert "not what a module proxy says" in reason(served.ask("go", "x.example/a")["x.example/a"])


def test_a_version_with_more_in_it_is_none(served: Site) -> None:
    served.files["/go/x.example/a/@latest"] = b'{"Version": "v1.0.0;reboot"}'
    assert "no module" in reason(served.ask("go", "x.example/a")["x.example/a"])
