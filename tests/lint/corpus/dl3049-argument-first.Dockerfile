ARG A=1
FROM debian:$A
