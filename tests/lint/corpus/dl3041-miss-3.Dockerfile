FROM debian:12
RUN --mount=type=cache,target=/var/cache/dnf --mount=type=cache,target=/var/cache/libdnf5 dnf install -y a-1
