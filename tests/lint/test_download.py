"""What calls of curl and wget save, and where."""

from __future__ import annotations

import pytest

from lading.dockerfile.source import Joined
from lading.lint import download, shell

CALLS = [
    pytest.param("curl -O http://h/a.tgz", ["a.tgz"], id="curl by its name"),
    pytest.param("curl -fsSLo /x/b http://h/a", ["/x/b"], id="curl in a group of flags"),
    pytest.param("curl --output=b http://h/a", ["b"], id="curl attached"),
    pytest.param("curl http://h/a > b", ["b"], id="curl redirected"),
    pytest.param("curl --output-dir /x -O http://h/a", ["/x/a"], id="curl to a folder"),
    pytest.param("curl http://h/a", [], id="curl to the output"),
    pytest.param("curl -so- http://h/a", [], id="curl to the output by a flag"),
    pytest.param("wget http://h/a?b=/c#d", ["a"], id="wget by its name"),
    pytest.param("wget http://h/a http://h/b", ["a", "b"], id="wget twice"),
    pytest.param("wget -qO b-$V http://h/a", ["b-$V"], id="wget to a name"),
    pytest.param("wget -P /x http://h/a", ["/x/a"], id="wget to a folder"),
    pytest.param("wget -qO- http://h/a", [], id="wget to the output"),
    pytest.param("wget --spider http://h/a", [], id="wget that only asks"),
    pytest.param("wget $URL", [], id="an address that is not known"),
]


@pytest.mark.parametrize(("call", "files"), CALLS)
def test_the_files_of_a_call(call: str, files: list[str]) -> None:
    (command,) = shell.parse(Joined(call, ((0, 0),))).commands
    assert download.files(command) == files
