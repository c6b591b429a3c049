FROM debian:12
RUN <<EOF
#!/bin/sh -e
cd /app
ls
EOF
