FROM debian:12
RUN cd /app && make
RUN cd /app; make
RUN cd /app || exit 1; make
RUN (cd /app; make)
RUN set -e; cd /app; make
RUN cd /app
RUN mkdir -p /a/b && cd /a/b; ls
RUN cd $HOME && ls
RUN pushd /app; make
RUN mkdir -p -m 700 /a/b
RUN rm -rf "$HOME"/*
RUN rm -rf "${HOME:?}"/*
RUN rm -rf /usr /etc
RUN rm -rf / home
