FROM debian:12
ADD http://example.com/a /srv/
ADD https://example.com/a /srv/
ADD https://example.com/a.git /srv/
ADD "https://example.com/a" /srv/
