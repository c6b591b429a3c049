FROM debian:12 AS base
HEALTHCHECK CMD ["/check"]
FROM base AS more
RUN x
FROM more
RUN y
