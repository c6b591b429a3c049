FROM debian:12
RUN apt-get -q install --no-install-recommends curl=7.88.1-10
RUN apt-get -qq install --no-install-recommends curl=7.88.1-10
