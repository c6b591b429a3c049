"""Groups of well-known artifacts whose jars do not tell them.

Gradle and Ant put no pom.properties into a jar. For most the group follows from the manifest or
the classes (`maven_identity`); those here are the ones for which it does not, or for which the
rules would give another. Facts from Maven Central.
"""

from __future__ import annotations

_MAX_DIGITS = 9  # of a number in a version; more is none


def known(artifact: str, version: str) -> str:
    """Return the group of a well-known artifact, or nothing for any other."""
    if artifact in _MOVED:
        return _by_version(version, _MOVED[artifact])
    if artifact in _EXACT:
        return _EXACT[artifact]
    for beginning, moved in _MOVED_FAMILIES:
        if artifact.startswith(beginning):
            return _by_version(version, moved)
    for beginning, group in _BEGINNINGS:
        if artifact.startswith(beginning):
            return group
    return ""


_Move = tuple[tuple[int, ...], str, str]


def _by_version(version: str, move: _Move) -> str:
    first, before, since = move
    return since if _numbers(version) >= first else before


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with."""
    found = []
    for part in version.split("."):
        digits = part[:_MAX_DIGITS]
        if not (digits.isascii() and digits.isdigit()):
            break
        found.append(int(digits))
    return tuple(found)


# Artifacts that moved: the first version in the new group, the group before, the group since.
_GROOVY = ((4,), "org.codehaus.groovy", "org.apache.groovy")
_MOVED: dict[str, _Move] = {
    "asm": ((4,), "asm", "org.ow2.asm"),
    "dom4j": ((2,), "dom4j", "org.dom4j"),
    "groovy": _GROOVY,
    "hibernate-core": ((6,), "org.hibernate", "org.hibernate.orm"),
    "lz4-java": ((1, 8, 1), "org.lz4", "at.yawk.lz4"),
    "okhttp": ((3,), "com.squareup.okhttp", "com.squareup.okhttp3"),
    "rxjava": ((3,), "io.reactivex.rxjava2", "io.reactivex.rxjava3"),
}
# Likewise, by how their names begin.
_MOVED_FAMILIES: tuple[tuple[str, _Move], ...] = (("groovy-", _GROOVY),)

# Groups named as the artifact.
_OWN_NAME = (
    *(
        "aopalliance",
        "antlr",
        "axis",
        "cglib",
        "commons-beanutils",
        "commons-chain",
        "commons-cli",
        "commons-codec",
    ),
    *("commons-collections", "commons-configuration", "commons-daemon", "commons-dbcp", "commons-digester"),
    *("commons-discovery", "commons-el", "commons-fileupload", "commons-httpclient", "commons-io"),
    *(
        "commons-jxpath",
        "commons-lang",
        "commons-logging",
        "commons-net",
        "commons-pool",
        "commons-validator",
    ),
    *("joda-time", "junit", "log4j", "ognl", "oro", "wsdl4j", "xalan", "xml-apis", "xom"),
)

_SPRING_MODULES = (
    *("aop", "aspects", "beans", "context", "context-indexer", "context-support", "core", "expression"),
    *("instrument", "jcl", "jdbc", "jms", "messaging", "orm", "oxm", "r2dbc", "test", "tx", "web"),
    *("webflux", "webmvc", "webmvc-portlet", "websocket"),
)

_EXACT = {
    **{name: name for name in _OWN_NAME},
    **{f"spring-{module}": "org.springframework" for module in _SPRING_MODULES},
    "ant": "org.apache.ant",
    "bsh": "org.beanshell",
    "c3p0": "com.mchange",
    "freemarker": "org.freemarker",
    "gradle-wrapper": "org.gradle",
    "graphql-java": "com.graphql-java",
    "gwt-dev": "com.google.gwt",
    "gwt-servlet": "com.google.gwt",
    "gwt-user": "com.google.gwt",
    "h2": "com.h2database",
    "hibernate-commons-annotations": "org.hibernate.common",
    "icu4j": "com.ibm.icu",
    "jackson-core-asl": "org.codehaus.jackson",
    "jackson-jaxrs": "org.codehaus.jackson",
    "jackson-mapper-asl": "org.codehaus.jackson",
    "jackson-xc": "org.codehaus.jackson",
    "jdom2": "org.jdom",
    "jna": "net.java.dev.jna",
    "jna-platform": "net.java.dev.jna",
    "jsr305": "com.google.code.findbugs",
    "jstl": "javax.servlet",
    "jython": "org.python",
    "jython-standalone": "org.python",
    "kafka-clients": "org.apache.kafka",
    "kafka-streams": "org.apache.kafka",
    "mssql-jdbc": "com.microsoft.sqlserver",
    "mysql-connector-j": "com.mysql",
    "mysql-connector-java": "mysql",
    "nekohtml": "net.sourceforge.nekohtml",
    "okhttp-urlconnection": "com.squareup.okhttp3",
    "okio": "com.squareup.okio",
    "okio-jvm": "com.squareup.okio",
    "postgresql": "org.postgresql",
    "quartz": "org.quartz-scheduler",
    "reactor-core": "io.projectreactor",
    "retrofit": "com.squareup.retrofit2",
    "sqlite-jdbc": "org.xerial",
    "tomcat": "org.apache.tomcat",
    "xercesImpl": "xerces",
    "zookeeper": "org.apache.zookeeper",
}

# A longer beginning stands before a shorter one that it begins with.
_BEGINNINGS = (
    ("akka-", "com.typesafe.akka"),
    ("ant-", "org.apache.ant"),
    ("antlr4", "org.antlr"),
    ("asm-", "org.ow2.asm"),
    ("aspectj", "org.aspectj"),
    *((f"bc{kind}-", "org.bouncycastle") for kind in ("jmail", "mail", "pg", "pkix", "prov", "tls", "util")),
    ("elasticsearch-rest-", "org.elasticsearch.client"),
    ("grpc-", "io.grpc"),
    ("hamcrest", "org.hamcrest"),
    ("junit-jupiter", "org.junit.jupiter"),
    ("junit-platform", "org.junit.platform"),
    ("kafka_2", "org.apache.kafka"),
    ("kotlin-", "org.jetbrains.kotlin"),
    ("kotlinx-", "org.jetbrains.kotlinx"),
    ("logging-interceptor", "com.squareup.okhttp3"),
    ("lucene-", "org.apache.lucene"),
    ("micrometer-", "io.micrometer"),
    ("mockwebserver", "com.squareup.okhttp3"),
    ("ojdbc", "com.oracle.database.jdbc"),
    ("opentelemetry-", "io.opentelemetry"),
    ("reactor-netty", "io.projectreactor.netty"),
    ("redshift-jdbc", "com.amazon.redshift"),
    ("scala-", "org.scala-lang"),
    ("spring-batch-", "org.springframework.batch"),
    ("spring-boot", "org.springframework.boot"),
    ("spring-cloud-", "org.springframework.cloud"),
    ("spring-data-", "org.springframework.data"),
    ("spring-integration-", "org.springframework.integration"),
    ("spring-kafka", "org.springframework.kafka"),
    ("spring-ldap-", "org.springframework.ldap"),
    ("spring-security-", "org.springframework.security"),
    ("spring-session-", "org.springframework.session"),
    ("spring-webflow", "org.springframework.webflow"),
    ("springfox-", "io.springfox"),
    ("tomcat-embed-", "org.apache.tomcat.embed"),
    ("tomcat-", "org.apache.tomcat"),
)
