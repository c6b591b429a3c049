FROM fedora:41
RUN --mount=type=cache,target=/var/cache/yum yum install -y a
