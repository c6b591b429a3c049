FROM fedora:41
RUN dnf install --assumeyes a-1
