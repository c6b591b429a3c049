FROM debian:12
RUN cp $HOME/a /b
RUN cp "$HOME"/a /b
RUN rm -r $PWD/build
RUN echo "a"$HOME"b"
RUN echo '$HOME'
RUN echo "$HOME" | tee $LOGFILE
RUN install -m 755 app ${PREFIX}/bin
RUN echo $((1 + 2)) "$(id -u)"
RUN echo "${HOME}" "$@"
RUN cp $HOME$PWD /b
RUN echo $$ $? $#
RUN echo $*
RUN ls "$1"$2
