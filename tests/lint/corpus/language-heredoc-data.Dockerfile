FROM debian:12
RUN cat <<EOF > /x
sudo a
EOF
RUN sudo b
