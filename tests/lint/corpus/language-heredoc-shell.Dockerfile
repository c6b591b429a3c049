FROM debian:12
RUN <<EOT bash -e
sudo make
wget http://example.com/a
EOT
