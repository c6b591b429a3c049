FROM debian:12
# hadolint ignore=DL1001
RUN make
