FROM debian:12
RUN curl -O http://x
RUN wget -q http://x
