FROM debian:12 AS base
RUN apt-get update && make
FROM base
COPY a /srv/
