FROM debian:12
RUN apt-get update; rm -r /tmp/work /var/lib/apt/lists/*
RUN apt-get update; rm -r /tmp/work
