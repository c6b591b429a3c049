FROM debian:12
RUN if cd /srv; then make; fi
