ARG early=1
FROM debian:12 AS one
ENV a=1
RUN echo "$a"
RUN echo "$early"
FROM debian:12
RUN echo "$a"
RUN echo "$early"
ARG early
RUN echo "$early"
