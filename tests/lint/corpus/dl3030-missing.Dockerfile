FROM rockylinux:9
RUN yum install httpd-2.4.57 && yum clean all
