FROM debian:12
RUN dnf install -y a-1 && rm /var/cache/yum/*
