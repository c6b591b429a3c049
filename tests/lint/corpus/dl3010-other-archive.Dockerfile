FROM debian:12
COPY site.tar.gz /srv/
RUN tar -xzf /opt/vendor.tar.gz
