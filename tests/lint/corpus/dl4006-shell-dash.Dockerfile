FROM debian:12
SHELL ["/bin/dash", "-o", "pipefail", "-c"]
RUN a | b
