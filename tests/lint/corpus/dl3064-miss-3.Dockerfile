FROM debian:12
ENV passwd=1
