FROM debian:12
RUN yum install -y a-b && yum clean all
