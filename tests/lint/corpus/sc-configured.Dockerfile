FROM debian:12
RUN cp $HOME /b
RUN cd /app; ls
RUN [ "$HOME" == / ]
RUN echo `ls`
