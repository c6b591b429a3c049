FROM debian:12
RUN ln -sfv /bin/bash "/bin/sh"
