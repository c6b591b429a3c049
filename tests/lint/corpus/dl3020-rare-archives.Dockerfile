FROM debian:12
ADD a.tb2 /srv/
ADD a.tbz /srv/
ADD a.tbz2 /srv/
ADD a.tlz /srv/
ADD a.tpz /srv/
ADD a.tZ /srv/
ADD a.lz /srv/
ADD a.xz /srv/
ADD a.gz /srv/
