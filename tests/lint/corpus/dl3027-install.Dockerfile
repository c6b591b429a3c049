FROM debian:12
RUN apt install -y curl=7.88.1-10
