FROM debian:12
RUN apt-get install -y --no-install-recommends -t bookworm-backports golang=2:1.21~bpo12+1
RUN apt-get -y --target-release sid install gcc --no-install-recommends
