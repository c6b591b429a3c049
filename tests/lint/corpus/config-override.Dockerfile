FROM debian
RUN sudo a && cd /x
CMD a
