FROM debian:12
RUN /usr/bin/ssh host
RUN /usr/sbin/service nginx start
