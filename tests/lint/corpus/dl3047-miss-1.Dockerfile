FROM debian:12
RUN wget -q http://x
