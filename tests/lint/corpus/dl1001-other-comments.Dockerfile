# hadolint
FROM debian:12
# ignore=DL3004
# hadolint shell=bash
RUN make
