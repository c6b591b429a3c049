FROM debian:12
RUN echo "$later"
ENV later=1
RUN echo "$later"
