FROM debian:12
RUN apt-get install --assume-yes --no-install-recommends curl=7.88.1-10 || apt-get install --yes --no-install-recommends curl=7.88.1-10
