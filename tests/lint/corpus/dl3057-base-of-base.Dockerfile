FROM debian:12 AS base
FROM base AS more
FROM more AS last
HEALTHCHECK CMD ["/check"]
