FROM debian:12
RUN yum install -y a-1 && rm -rf /var/cache/dnf
