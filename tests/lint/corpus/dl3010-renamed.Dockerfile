FROM debian:12
COPY build/output /tmp/site.tar
RUN tar --extract --file /tmp/site.tar
