FROM debian
RUN sudo a && cd /x
