FROM debian:12
RUN zypper in -y a=1 && rm -rf /var/cache/zypp/*
