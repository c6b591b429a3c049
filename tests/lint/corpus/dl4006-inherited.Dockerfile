FROM debian:12 AS base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
FROM base
RUN a | b
