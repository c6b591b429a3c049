"""What people type who come from docker, podman, buildah or kaniko."""

from __future__ import annotations

import pytest

from lading.cli import main


def _refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main.main(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--squash", "."], "--squash is not supported\n  layers are kept as they are"),
        (["build", "-m", "1g", "."], "-m is not supported\n  commands have the machine's memory"),
        (["build", "--provenance=mode=max", "."], "no provenance is made; --sbom FILE"),
        (["build", "--check", "."], "ask `lading lint`"),
        (["build", "--sbom=true", "."], "a file is to be named, not 'true': --sbom FILE"),
        (["build", "--destination", "x", "--context", "dir://."], "write -t NAME --push"),
        (["run", "-p", "80:80", "alpine"], "the machine's network: its ports are there already"),
        (["run", "-d", "alpine"], "end the line with &"),
        (["run", "--rm", "--name", "web", "alpine"], "--name is not supported\n  leave it out"),
        (["inspect", "-f", "{{.Id}}", "alpine"], "JSON: pick from it with jq"),
        (["images", "--filter", "dangling=true"], "--filter is not supported"),
        (["pull", "-a", "alpine"], "name the tags, one by one"),
        (["rmi", "alpine"], "there is no command 'rmi'\n  `lading rm NAME`"),
        (["save", "alpine", "-o", "x"], "`lading push NAME docker-archive:FILE`"),
        (["ps"], "a container is there as long as its `lading run`"),
    ],
)
def test_what_is_refused_says_what_to_do(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in _refused(words, capsys)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build", "--tagg", "x", "."], "lading build has no option --tagg\n  did you mean --tag?"),
        (["run", "--qqq=1", "alpine"], "lading run has no option --qqq\n  `lading run --help`"),
        (["images", "one", "more"], "nothing more is expected behind the command: more"),
        (["build", "--comp", "zstd", "."], "has no option --comp\n  did you mean --compress?"),
        (["imges"], "there is no command 'imges'\n  did you mean images?"),
        (["nonsense"], "there is no command 'nonsense'\n  `lading --help` lists what there is"),
        (["--nonsense"], "lading: error: the following arguments are required: COMMAND"),
    ],
)
def test_what_nobody_knows(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in _refused(words, capsys)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--pull=true", "--no-cache=false", "--push=true", "--quiet=true"], (True, False, True, True)),
        (["--no-cache", "--no-cache=false"], (False, False, False, False)),
        (["--rm", "--rm=true", "--force-rm=false", "--load", "--layers=true"], (False, False, False, False)),
        (["--provenance=false", "--provenance", "false", "--sbom=false"], (False, False, False, False)),
    ],
)
def test_what_is_taken(words: list[str], expected: tuple[bool, ...]) -> None:
    args = main.parser(["build"]).parse_args(["build", *words, "."])
    assert (args.pull, args.no_cache, args.push, args.quiet) == expected
    assert (args.context, args.sbom) == (".", None)


@pytest.mark.parametrize(("word", "insecure"), [("--tls-verify=false", True), ("--tls-verify=true", False)])
def test_certificates(word: str, *, insecure: bool) -> None:
    assert main.parser(["build"]).parse_args(["build", word, "."]).insecure is insecure


@pytest.mark.parametrize(
    "words", [["images", "-a", "--digests"], ["rm", "-f", "x"], ["prune", "--force", "--all"]]
)
def test_what_other_commands_take(words: list[str]) -> None:
    assert main.parser(words).parse_args(words).run


def test_none_of_it_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("build", "run"):
        with pytest.raises(SystemExit):
            main.main([command, "--help"])
    shown = capsys.readouterr().out
    assert "--squash" not in shown
    assert "=true" not in shown
    assert "--publish" not in shown
