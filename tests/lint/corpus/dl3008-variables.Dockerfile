FROM debian:12
ARG PACKAGES
RUN apt-get install -qq --no-install-recommends $PACKAGES && make
RUN apt-get install -y --no-install-recommends $(cat list.txt)
