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
        pytest.param("groovy-all", "2.4.3", "org.codehaus.groovy", id="family-before-it-moved"),
        pytest.param("groovy-json", "4.0.1", "org.apache.groovy", id="family-since-it-moved"),
        pytest.param("lz4-java", "1.7.1", "org.lz4", id="before-it-moved-within-a-major-version"),
        pytest.param("lz4-java", "1.8.0", "org.lz4", id="right-before-it-moved"),
        pytest.param("lz4-java", "1.8.1", "at.yawk.lz4", id="right-when-it-moved"),
        pytest.param("lz4-java", "1.10.1", "at.yawk.lz4", id="by-number-not-by-text"),
        pytest.param(
            "jackson-mapper-asl", "1.9.13", "org.codehaus.jackson", id="classes-without-their-last-word"
        ),
        pytest.param("jdom2", "2.0.6", "org.jdom", id="classes-called-otherwise"),
        pytest.param("jstl", "1.2", "javax.servlet", id="classes-of-several"),
        pytest.param("asm", "", "asm", id="moved-no-version"),
        pytest.param("asm", "9" * 5000, "org.ow2.asm", id="moved-absurd-version"),
        pytest.param("asm", "\u0664.0", "asm", id="moved-foreign-digit"),
        pytest.param("hx", "1", "", id="unknown"),
    ],
)
def test_known(artifact: str, version: str, group: str) -> None:
    assert maven_groups.known(artifact, version) == group
