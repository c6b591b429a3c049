FROM debian:12
RUN dnf install -y a-1 && rm -r /var/cache/dnf
