FROM debian:12
RUN <<SCRIPT
set -eu
apt-get install -y --no-install-recommends rsync
SCRIPT
