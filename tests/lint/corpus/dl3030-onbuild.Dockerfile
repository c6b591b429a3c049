FROM rockylinux:9
ONBUILD RUN yum install httpd-2.4.57
