FROM debian:12
SHELL ["/bin/ksh", "-o", "pipefail", "-c"]
RUN a | b
