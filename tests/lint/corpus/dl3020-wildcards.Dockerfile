FROM debian:12
ADD *.py /srv/
ADD *.tar /srv/
ADD *.tar* /srv/
