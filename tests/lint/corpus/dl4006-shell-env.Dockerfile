FROM debian:12
SHELL ["/usr/bin/env", "bash", "-o", "pipefail", "-c"]
RUN a | b
