FROM debian:12
RUN ln -sf bash /usr/bin/sh
