FROM debian:12
RUN <<EOF
set -e
cd /app
cp "$HOME" /b
EOF
