FROM fedora:41
RUN yum module install -y a:1 && yum clean all
