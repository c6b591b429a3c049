FROM debian:12
RUN apt-get -qq update
WORKDIR /srv
RUN rm -rf /var/lib/apt/lists/*
