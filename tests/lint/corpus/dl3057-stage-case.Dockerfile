FROM debian:12 AS Base
HEALTHCHECK CMD ["/check"]
FROM bASE
RUN x
