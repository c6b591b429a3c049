FROM debian:12
RUN --mount=type=bind,target=/var/cache/libdnf5 dnf install -y a-1
