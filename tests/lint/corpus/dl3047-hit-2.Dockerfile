FROM debian:12
RUN wget -nc http://x
