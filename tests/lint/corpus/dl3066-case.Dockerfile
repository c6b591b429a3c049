FROM debian:12
ARG WHO
USER $who
