FROM debian:12
RUN <<EOF
cd /srv
make
EOF
