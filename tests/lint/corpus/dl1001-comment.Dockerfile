FROM debian:12
# hadolint ignore=DL3059
RUN make
