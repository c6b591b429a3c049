FROM fedora:41
RUN --mount=type=tmpfs,target=/var/cache/dnf dnf install -y a
