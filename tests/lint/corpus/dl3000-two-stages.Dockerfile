FROM debian:12
WORKDIR /srv
FROM debian:12
WORKDIR srv
