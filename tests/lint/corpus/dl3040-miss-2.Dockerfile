FROM fedora:41
RUN dnf install -y a-1 && dnf clean metadata
