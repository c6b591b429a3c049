FROM debian:12
RUN ["ssh", "host"]
