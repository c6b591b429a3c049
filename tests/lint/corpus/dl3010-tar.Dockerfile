FROM debian:12
COPY site.tar.gz /tmp/
RUN mkdir /site && tar -C /site -xzf /tmp/site.tar.gz
