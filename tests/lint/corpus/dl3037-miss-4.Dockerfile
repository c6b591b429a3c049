FROM debian:12
RUN --mount=type=tmpfs,target=/var/cache/zypp zypper in -y a=1
