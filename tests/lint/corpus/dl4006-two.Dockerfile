FROM debian:12
RUN a | b
RUN x
RUN c | d
