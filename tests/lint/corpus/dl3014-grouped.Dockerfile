FROM debian:12
RUN apt-get -yqq --no-install-recommends install curl=7.88.1-10
