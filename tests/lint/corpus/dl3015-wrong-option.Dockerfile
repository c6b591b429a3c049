FROM debian:12
RUN apt-get install -y -o APT::Install-Suggests=false curl=7.88.1-10
