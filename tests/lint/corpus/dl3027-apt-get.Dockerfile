FROM debian:12
RUN apt-get clean && apt-cache policy
