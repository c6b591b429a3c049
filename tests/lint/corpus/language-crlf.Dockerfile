FROM debian
RUN sudo a
WORKDIR app
CMD a
