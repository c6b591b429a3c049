FROM rockylinux:9
RUN yum localinstall /tmp/a.rpm && yum clean all
