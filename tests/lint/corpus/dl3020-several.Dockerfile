FROM debian:12
ADD a.tar b /srv/
ADD a.tar b.tgz /srv/
