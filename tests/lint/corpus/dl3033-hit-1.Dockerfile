FROM fedora:41
RUN yum install -y a
