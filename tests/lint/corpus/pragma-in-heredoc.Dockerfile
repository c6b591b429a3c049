FROM debian:12
RUN <<EOF
# hadolint ignore=DL3004
sudo a
EOF
