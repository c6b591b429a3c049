FROM fedora:41
RUN dnf install -y a-1 && rm -rf /var/cache/dnf
