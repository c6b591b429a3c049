FROM debian:12
RUN make && cd /srv && make install
