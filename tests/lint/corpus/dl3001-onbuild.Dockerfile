FROM debian:12
ONBUILD RUN service nginx start
