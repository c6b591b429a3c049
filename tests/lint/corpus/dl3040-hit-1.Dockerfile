FROM fedora:41
ONBUILD RUN dnf install -y a
