FROM debian:12
COPY <<A <<B /data
a
A
b
B
