FROM debian:12
RUN wget http://x
