FROM debian:12
RUN curl x | tar x
