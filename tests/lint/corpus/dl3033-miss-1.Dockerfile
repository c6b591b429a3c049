FROM fedora:41
RUN yum install a-1
