FROM fedora:41
ONBUILD RUN yum install a
