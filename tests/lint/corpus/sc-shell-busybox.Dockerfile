FROM alpine:3.20
SHELL ["/bin/busybox", "sh", "-c"]
RUN source /etc/profile
