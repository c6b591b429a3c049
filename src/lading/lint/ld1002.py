"""LD1002: a secret, known by its form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.source import Span
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# Each repetition is bounded or of one class that what follows is not in: time grows with the text alone.
_FORMS = {
    "AWS access key": r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{60}",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20}",
    "Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{20}",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{24}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{50}",
    "Docker Hub token": r"\bdckr_pat_[A-Za-z0-9_-]{27}",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{34}",
    "SendGrid key": r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "Anthropic key": r"\bsk-ant-[A-Za-z0-9_-]{40}",
    "OpenAI key": r"\bsk-proj-[A-Za-z0-9_-]{40}",
    "private key": r"-----BEGIN (?:[A-Z]{2,9} )?PRIVATE KEY",
    "password in a URL": r"\b(?:https?|ftp|git)://[^\s/:@$\"']{1,64}:[^\s/:@$\"'<>]{3,128}@[a-z0-9]",
}
_ANY = re.compile("|".join(f"(?P<f{at}>{form})" for at, form in enumerate(_FORMS.values())))
_NAMES = tuple(_FORMS)
_SAMPLES = ("EXAMPLE", "example", "xxxx", "XXXX")


def check(subject: Subject) -> Iterator[Found]:
    """Yield everything in the file that has the form of a secret, comments included."""
    for found in _ANY.finditer(subject.file.source.text):
        if found.lastgroup is None or any(sample in found[0] for sample in _SAMPLES):
            continue
        name = _NAMES[int(found.lastgroup[1:])]
        start, end = found.span()
        message = f"this looks like a secret ({name}): withdraw it, and give it with RUN --mount=type=secret"
        yield Found(Span(start, end), message)


RULE = Rule(
    code="LD1002",
    title="No secret stands in the file.",
    level=Level.ERROR,
    why=(
        "A key in a Dockerfile is in the repository, in the image's history, in every cache between. Names do not "
        "tell (`ENV CONFIG=...`), forms do: many services give their keys a form of its own so that they can be "
        "found. Whoever could read the file may have the key: it has to be withdrawn, not only deleted. A step that "
        "needs one gets it with `RUN --mount=type=secret,id=...`, which leaves nothing behind."
    ),
    check=check,
    bad=(
        "FROM debian:12\nENV CONFIG=AKIA" + "QRST" * 4 + "\n",
        "FROM debian:12\nRUN git clone https://x:ghp_" + "a1B2" * 9 + "@github.com/a/b\n",
        "FROM debian:12\n# glpat-" + "a1B2" * 5 + "\n",
        "FROM debian:12\nRUN <<EOF\n-----BEGIN RSA " + "PRIVATE KEY-----\nEOF\n",
        "FROM debian:12\nRUN pip install -i https://me:hunter22@pypi.corp.net/simple a\n",
    ),
    good=(
        "FROM debian:12\nENV KEY=AKIAIOSFODNN7EXAMPLE\n",
        "FROM debian:12\nRUN git clone https://x:${TOKEN}@github.com/a/b\n",
        "FROM debian:12\n# git clone https://me:<password>@github.com/a/b\n",
        "FROM debian:12\nRUN git clone https://git@github.com/a/b\n",
        "FROM debian:12\nRUN curl http://localhost:8080/@x\n",
    ),
)
