FROM debian:12
RUN curl -O http://x && wget -q http://y
