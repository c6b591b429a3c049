FROM debian:12 AS base
FROM base AS one
HEALTHCHECK CMD ["/check"]
FROM base AS two
RUN x
