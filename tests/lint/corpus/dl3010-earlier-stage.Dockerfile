FROM debian:12
COPY site.tgz /tmp/
RUN tar -xf /tmp/site.tgz
FROM debian:12-slim
COPY a /srv/
