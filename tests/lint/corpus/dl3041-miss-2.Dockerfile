FROM fedora:41
RUN dnf groupinstall -y a
