FROM fedora:41
RUN dnf install a && dnf clean all
