# hadolint ignore=DL3061
RUN make
FROM debian:12
