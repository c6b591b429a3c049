FROM fedora:41
RUN dnf groupinstall a
