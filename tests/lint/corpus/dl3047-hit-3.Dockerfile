FROM debian:12
RUN wget -O- http://x | tar x
