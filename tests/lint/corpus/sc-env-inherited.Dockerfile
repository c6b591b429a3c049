FROM debian:12 AS one
ENV a=1
FROM one
RUN echo "$a"
RUN true
