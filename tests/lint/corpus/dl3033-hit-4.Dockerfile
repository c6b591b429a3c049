FROM debian:12
RUN yum install -y a-1-$V && yum clean all
