"""Dockerfiles as one meets them: some ten lines each, every one different, the same in every run.

Each family below is a way to write one that many repositories share; names, versions, ports and packages are drawn
from lists by a generator of numbers with a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

SEED = 2026

_NAMES = ("api", "auth", "billing", "catalog", "gateway", "mailer", "orders", "proxy", "search", "worker")
_DEBIAN = (
    "build-essential",
    "ca-certificates",
    "curl",
    "git",
    "gnupg",
    "jq",
    "libpq-dev",
    "libssl-dev",
    "unzip",
    "vim",
)
_ALPINE = (
    "bash",
    "build-base",
    "ca-certificates",
    "curl",
    "git",
    "libffi-dev",
    "openssl-dev",
    "postgresql-dev",
    "tzdata",
)
_PYTHON = (
    "celery",
    "django",
    "fastapi",
    "flask",
    "gunicorn",
    "numpy",
    "pandas",
    "psycopg2",
    "requests",
    "uvicorn",
)
_SUITES = ("bookworm", "bookworm-slim", "bullseye", "bullseye-slim", "12", "12-slim", "latest")

_FAMILIES = (
    """\
FROM python:3.{minor}-slim
ENV PYTHONUNBUFFERED=1 APP_HOME=/srv/{name}
WORKDIR /srv/{name}
RUN apt-get update && apt-get install -y {debian} && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install -r requirements.txt
RUN pip install --no-cache-dir {python}=={major}.{minor}
COPY . .
EXPOSE {port}
CMD ["python", "-m", "{name}"]
""",
    """\
# {name}: what answers on port {port}
FROM node:{major}
WORKDIR /usr/src/{name}
COPY package*.json ./
RUN npm install -g npm@{major}
RUN npm ci --only=production && npm cache clean --force
COPY . .
ENV NODE_ENV=production PORT={port}
EXPOSE $PORT
CMD npm start
""",
    """\
FROM golang:1.{minor} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=linux go build -ldflags "-s -w -X main.version={major}.{minor}" -o /out/{name} ./cmd/{name}
FROM alpine:3.{minor}
RUN apk add --no-cache {alpine}
COPY --from=build /out/{name} /usr/local/bin/{name}
USER nobody
ENTRYPOINT ["/usr/local/bin/{name}"]
""",
    """\
FROM debian:{suite}
LABEL maintainer="{name}@example.com"
RUN apt-get update
RUN apt-get install -y --no-install-recommends {debian} \\
    nginx \\
 && rm -rf /var/lib/apt/lists/*
ADD https://example.com/{name}-{major}.{minor}.tar.gz /opt/
RUN cd /opt && tar xzf {name}-{major}.{minor}.tar.gz && rm {name}-{major}.{minor}.tar.gz
EXPOSE {port}
CMD ["nginx", "-g", "daemon off;"]
""",
    """\
FROM maven:3-eclipse-temurin-{minor} AS build
WORKDIR /build
COPY pom.xml .
RUN mvn -B dependency:go-offline
COPY src ./src
RUN mvn -B -DskipTests package
FROM eclipse-temurin:{minor}-jre
COPY --from=build /build/target/{name}.jar /app/{name}.jar
ENV JAVA_OPTS="-Xmx{port}m"
ENTRYPOINT java $JAVA_OPTS -jar /app/{name}.jar
""",
    """\
FROM ubuntu:{major}.04
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get -y upgrade && apt-get install -y {debian} python3-pip
RUN curl -fsSL https://example.com/{name}/install.sh | bash -s -- --version {major}.{minor}
RUN if [ -n "$EXTRA" ]; then for f in $EXTRA; do cp "/opt/$f" /usr/local/lib/; done; fi
WORKDIR /opt/{name}
COPY --chown=1000:1000 . /opt/{name}
RUN useradd -m -u 1000 {name} && chown -R {name} /opt/{name}
USER {name}
CMD ["./run.sh", "--port", "{port}"]
""",
    """\
FROM ruby:3.{minor}-alpine
RUN apk update && apk add --no-cache --virtual .build {alpine} \\
    && gem install bundler -v {major}.{minor} \\
    && gem install rake
WORKDIR /app/{name}
COPY Gemfile Gemfile.lock ./
RUN bundle config set without 'development test' && bundle install --jobs 4
COPY . .
HEALTHCHECK CMD wget -qO- http://localhost:{port}/health || exit 1
CMD ["bundle", "exec", "puma", "-p", "{port}"]
""",
)  # fmt: skip


def texts(number: int) -> Iterator[str]:
    """Yield so many Dockerfiles, no two of them alike."""
    drawn = random.Random(SEED)
    seen: set[str] = set()
    while len(seen) < number:
        text = _FAMILIES[len(seen) % len(_FAMILIES)].format(
            name=f"{drawn.choice(_NAMES)}{drawn.randrange(100)}",
            major=drawn.randrange(14, 25),
            minor=drawn.randrange(8, 23),
            port=drawn.randrange(1024, 9999),
            suite=drawn.choice(_SUITES),
            debian=" ".join(drawn.sample(_DEBIAN, drawn.randrange(1, 5))),
            alpine=" ".join(drawn.sample(_ALPINE, drawn.randrange(1, 4))),
            python=drawn.choice(_PYTHON),
        )
        if text not in seen:
            seen.add(text)
            yield text


def write(folder: Path, number: int) -> list[Path]:
    """Write so many into a folder; return their paths."""
    paths = []
    for at, text in enumerate(texts(number)):
        paths.append(folder / f"{at:04}.Dockerfile")
        paths[-1].write_text(text)
    return paths
