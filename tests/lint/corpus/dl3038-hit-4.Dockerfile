FROM fedora:41
RUN dnf localinstall a
