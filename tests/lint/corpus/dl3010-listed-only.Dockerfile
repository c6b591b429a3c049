FROM debian:12
COPY site.tgz /srv/
RUN tar -tf /srv/site.tgz
