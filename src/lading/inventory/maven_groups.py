"""Groups of well-known artifacts whose jars do not tell them.

Gradle and Ant put no pom.properties into a jar. For most the group follows from the manifest or
the classes (`maven_identity`); those here are the ones for which it does not, or for which the
rules would give another. Facts from Maven Central.
"""

from __future__ import annotations

_LEADING_DIGITS = 9  # of a major version; more is none


def known(artifact: str, version: str) -> str:
    """Return the group of a well-known artifact, or nothing for any other."""
    if artifact in _MOVED:
        major, before, since = _MOVED[artifact]
        digits = version.partition(".")[0][:_LEADING_DIGITS]
        return since if digits.isascii() and digits.isdigit() and int(digits) >= major else before
    if artifact in _EXACT:
        return _EXACT[artifact]
    for beginning, group in _BEGINNINGS:
        if artifact.startswith(beginning):
            return group
    return ""


# Artifacts that moved: the first major version in the new group, the group before, the group since.
_MOVED = {
    "asm": (4, "asm", "org.ow2.asm"),
    "dom4j": (2, "dom4j", "org.dom4j"),
    "groovy": (4, "org.codehaus.groovy", "org.apache.groovy"),
    "hibernate-core": (6, "org.hibernate", "org.hibernate.orm"),
    "okhttp": (3, "com.squareup.okhttp", "com.squareup.okhttp3"),
    "rxjava": (3, "io.reactivex.rxjava2", "io.reactivex.rxjava3"),
}

# Groups named as the artifact.
_OWN_NAME = (
    *("aopalliance", "antlr", "cglib", "commons-beanutils", "commons-chain", "commons-cli", "commons-codec"),
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
    "h2": "com.h2database",
    "jna": "net.java.dev.jna",
    "jna-platform": "net.java.dev.jna",
    "jython": "org.python",
    "kafka-clients": "org.apache.kafka",
    "kafka-streams": "org.apache.kafka",
    "mssql-jdbc": "com.microsoft.sqlserver",
    "mysql-connector-j": "com.mysql",
    "mysql-connector-java": "mysql",
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
    ("groovy-", "org.apache.groovy"),
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
    ("tomcat-embed-", "org.apache.tomcat.embed"),
    ("tomcat-", "org.apache.tomcat"),
)
