FROM debian:12
RUN apt-get \
    install \
    -y \
    # needed by the tests
    curl=7.88.1-10
