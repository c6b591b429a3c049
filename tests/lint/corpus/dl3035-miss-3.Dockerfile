FROM opensuse/leap:15.6
RUN --mount=type=cache,target=/var/cache/zypp zypper in -y a=1
