FROM debian:12
ADD ftp://example.com/a /srv/
