FROM debian:12
RUN <<EOF
cd /app
ls
EOF
