FROM debian:12
RUN apt-get install --force-yes --no-install-recommends curl=7.88.1-10
