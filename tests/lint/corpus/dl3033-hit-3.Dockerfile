FROM debian:12
RUN yum install -y httpd-2.24.4-\* && yum clean all
