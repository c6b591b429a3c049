from __future__ import annotations

from pathlib import Path

import pytest

from lading import net
from lading.cli.build_places import places
from lading.errors import UnavailableError, UsageError


def test_contexts_and_what_is_left_out(tmp_path: Path) -> None:
    for name, text in {"Dockerfile": "FROM a\n", ".dockerignore": "x\n", "x": "1", "y": "2"}.items():
        (tmp_path / name).write_text(text)
    other = tmp_path / "other"
    other.mkdir()
    further = [f"named={other}", "img=docker-image://alpine:3", "lay=oci-layout://dir:tag"]
    with places(str(tmp_path), "", further, net.client, tmp_path / "kept") as opened:
        assert (opened.main.dockerfile, opened.main.name) == (b"FROM a\n", "Dockerfile")
        assert opened.images == {"img": "docker://alpine:3", "lay": "oci:dir:tag"}
        files = {name: give() for name, give in opened.contexts.items()}
        assert sorted(files) == ["", "named"]
        names = [node.path for node in files[""].children("")]
        assert "y" in names
        assert "x" not in names
    assert list((tmp_path / "kept" / "fetched").glob("tmp*")) == []


def test_what_a_killed_build_has_fetched_is_removed(tmp_path: Path) -> None:
    (tmp_path / "kept" / "fetched" / "tmpold").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    with places(str(tmp_path), "", [], net.client, tmp_path / "kept"):
        assert not (tmp_path / "kept" / "fetched" / "tmpold").exists()


def test_what_is_no_context(tmp_path: Path) -> None:
    for context, further, error in (("nowhere", [], UnavailableError), (str(tmp_path), ["x"], UsageError)):
        with (
            pytest.raises((error, UnavailableError)),
            places(context, "", further, net.client, tmp_path / "kept"),
        ):
            pass
