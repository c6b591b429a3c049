FROM debian:12
RUN ["bash", "-o", "pipefail", "-c", "a | b"]
