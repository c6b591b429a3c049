FROM debian:12
RUN cat <<EOF > $HOME/f
$(cd /app; ls)
EOF
