FROM debian:12 AS a
FROM debian:12
COPY --from=a /site.tgz /tmp/
RUN tar -xf /tmp/site.tgz
