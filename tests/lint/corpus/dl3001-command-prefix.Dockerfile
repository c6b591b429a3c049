FROM debian:12
RUN command ssh host
RUN exec top
