FROM debian:12
ADD a.zip /srv/
ADD a.TAR /srv/
ADD a.tz /srv/
ADD a.taz /srv/
ADD a.jar /srv/
ADD a.tar.zst /srv/
ADD a.7z /srv/
