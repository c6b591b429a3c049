FROM debian:12
RUN cd
RUN cd /
RUN cd -
