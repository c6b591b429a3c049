FROM debian:12
RUN apt-get upgrade -y
