from __future__ import annotations

import pytest

from lading.report.instruction import short


@pytest.mark.parametrize(
    ("created_by", "shown"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(
            "/bin/sh -c #(nop) ADD file:" + "5d" * 32 + " in / ", "ADD file:5d5d5d5 in /", id="classic-add"
        ),
        pytest.param('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]', id="classic-cmd"),
        pytest.param("/bin/sh -c apt-get update", "RUN apt-get update", id="classic-run"),
        pytest.param("|2 A=1 B=x y /bin/sh -c make all", "RUN make all", id="classic-arguments"),
        pytest.param("RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl", id="buildkit-run"),
        pytest.param("RUN |1 A=1 /bin/sh -c make # buildkit", "RUN make", id="buildkit-arguments"),
        pytest.param("COPY a b # buildkit", "COPY a b", id="buildkit-copy"),
        pytest.param("RUN make", "RUN make", id="kaniko"),
        pytest.param("/bin/bash -o pipefail -c curl x | sh", "RUN curl x | sh", id="shell"),
        pytest.param("RUN /bin/bash -euo pipefail -c a b # buildkit", "RUN a b", id="shell-flags"),
        pytest.param("/usr/bin/python3 -c x", "/usr/bin/python3 -c x", id="not-a-shell"),
        pytest.param("RUN /bin/sh -c a \t\\\n\n   && b", "RUN a \\ && b", id="spaces"),
        pytest.param("|1 A=1 no shell at all", "|1 A=1 no shell at all", id="arguments-alone"),
        pytest.param(
            "# debian.sh --arch 'amd64' out/", "# debian.sh --arch 'amd64' out/", id="debuerreotype"
        ),
        pytest.param("COPY a\x1b[31m\u202e b", r"COPY a\x1b[31m\u202e b", id="hostile"),
    ],
)
def test_short(created_by: str, shown: str) -> None:
    assert short(created_by) == shown


@pytest.mark.parametrize("part", ["/bin/sh ", "/bin/sh -c ", "|1 ", "-o pipefail ", "file:0", " "])
def test_short_reads_a_long_text_in_no_time(part: str) -> None:
    short(part * 1_000_000)
