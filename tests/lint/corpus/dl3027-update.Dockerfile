FROM debian:12
RUN apt update && rm -rf /var/lib/apt/lists/*
