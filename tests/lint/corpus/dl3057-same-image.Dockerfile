FROM debian:12
HEALTHCHECK CMD ["/check"]
FROM debian:11
RUN x
