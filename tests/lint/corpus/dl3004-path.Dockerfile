FROM debian:12
RUN /usr/bin/sudo make
