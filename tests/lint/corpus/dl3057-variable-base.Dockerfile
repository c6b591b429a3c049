ARG KIND=base
FROM debian:12 AS base
HEALTHCHECK CMD ["/check"]
FROM $KIND
RUN x
