FROM fedora:41
RUN yum -y install a-1 && dnf clean all
