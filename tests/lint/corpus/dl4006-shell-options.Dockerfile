FROM debian:12
SHELL ["/bin/bash", "-euxo", "pipefail", "-c"]
RUN a | b
