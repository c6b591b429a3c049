FROM debian:12
RUN --mount=type=tmpfs,target=/var/cache/yum yum install -y a-1
