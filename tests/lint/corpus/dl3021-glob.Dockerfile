FROM debian:12
COPY *.txt /data
