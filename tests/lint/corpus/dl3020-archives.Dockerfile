FROM debian:12
ADD a.tar /srv/
ADD a.tar.gz /srv/
ADD a.tgz /srv/
ADD a.tar.xz /srv/
ADD a.bz2 /srv/
ADD a.lzma /srv/
ADD a.Z /srv/
ADD a.txz /srv/
