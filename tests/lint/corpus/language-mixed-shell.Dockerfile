FROM debian:12
RUN a; b & c
RUN case $x in a) sudo b;; esac
RUN f() { sudo c; }; f
