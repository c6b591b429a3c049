FROM debian:12
RUN echo $(ls /srv)
RUN chown app $(which node)
RUN x=$(ls) && echo "$x"
RUN echo "`uname -m`"
RUN echo `uname -m`
RUN export built="$(date)"
RUN echo "$(echo "$(uname)")"
RUN eval $(make env)
RUN cd "$(dirname "$0")"
RUN echo $(cat /etc/hostname) > /f
RUN [ -n "$(id)" ] && true
RUN kill $(cat /run/app.pid)
