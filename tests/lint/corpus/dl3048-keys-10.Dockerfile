FROM debian:12
LABEL com.docker=1
