FROM debian:12
RUN pushd /srv
RUN echo cd /srv
RUN sh -c 'cd /srv && make'
RUN make -C /srv
