FROM debian:12
ADD $FILES /srv/
ADD ${FILES}.tar /srv/
