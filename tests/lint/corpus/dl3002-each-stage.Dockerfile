FROM debian:12
USER root
FROM debian:12
USER 0
FROM debian:12
USER 1000
