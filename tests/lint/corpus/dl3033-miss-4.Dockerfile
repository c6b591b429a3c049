FROM debian:12
RUN yum install -y a-1.0-2.el7.x86_64 && yum clean all
