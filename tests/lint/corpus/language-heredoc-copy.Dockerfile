FROM debian:12
COPY <<EOF /etc/motd
sudo a | b
EOF
RUN sudo c
