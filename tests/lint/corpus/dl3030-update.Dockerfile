FROM rockylinux:9
RUN yum update && yum clean all
