from __future__ import annotations

import pytest

from lading.inventory import maven_groups


@pytest.mark.parametrize(
    ("artifact", "version", "group"),
    [
        pytest.param("spring-core", "5.3.1", "org.springframework", id="module-of-spring"),
        pytest.param("spring-boot", "2.6.6", "org.springframework.boot", id="beginning"),
        pytest.param("spring-corex", "1", "", id="not-a-module-of-spring"),
        pytest.param("commons-io", "2.6", "commons-io", id="own-name"),
        pytest.param("commons-lang3", "3.9", "", id="longer-than-own-name"),
        pytest.param("groovy", "3.0.9", "org.codehaus.groovy", id="before-it-moved"),
        pytest.param("groovy", "4.0.0", "org.apache.groovy", id="since-it-moved"),
        pytest.param("asm", "", "asm", id="moved-no-version"),
        pytest.param("asm", "9" * 5000, "org.ow2.asm", id="moved-absurd-version"),
        pytest.param("asm", "\u0664.0", "asm", id="moved-foreign-digit"),
        pytest.param("hx", "1", "", id="unknown"),
    ],
)
def test_known(artifact: str, version: str, group: str) -> None:
    assert maven_groups.known(artifact, version) == group
