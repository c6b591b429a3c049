FROM rockylinux:9
RUN yum --assumeyes install httpd-2.4.57 && yum clean all
