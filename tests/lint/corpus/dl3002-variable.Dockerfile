FROM debian:12
ARG WHO=root
USER $WHO
