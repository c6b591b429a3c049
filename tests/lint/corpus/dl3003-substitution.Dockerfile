FROM debian:12
RUN x=$(cd /srv && pwd) && echo $x
