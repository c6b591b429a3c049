FROM debian:12
SHELL ["/usr/bin/bash", "-o", "pipefail", "-c"]
RUN a | b
