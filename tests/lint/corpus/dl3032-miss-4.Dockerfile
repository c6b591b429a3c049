FROM debian:12
RUN yum install -y a-$V && yum clean all
