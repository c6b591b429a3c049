FROM fedora:41
RUN dnf module install -y a
