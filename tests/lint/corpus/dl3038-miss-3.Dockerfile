FROM fedora:41
RUN dnf install -y -q --enablerepo crb a-1
