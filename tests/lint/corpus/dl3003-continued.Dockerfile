FROM debian:12
RUN set -e; \
    # to the sources
    cd /srv; \
    make
