FROM debian:12
ARG FILES=app.tar.xz
ADD $FILES /srv/
