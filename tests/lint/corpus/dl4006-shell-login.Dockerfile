FROM debian:12
SHELL ["/bin/bash", "--login", "-o", "pipefail", "-c"]
RUN a | b
