FROM debian:12
RUN if true; then service nginx start; fi
RUN x=$(free -m)
RUN (cd / && ps)
RUN true && { kill 1; }
