FROM debian:12
RUN echo a >> f; echo b >> f; echo c >> f
RUN { echo a; echo b; } >> f
RUN make 2>&1 > log
RUN make > log 2>&1
RUN cat f > f
RUN echo a > $HOME/f
RUN sudo echo a > /etc/f
RUN cat < a | grep b > a
RUN echo a 1>&2 2>/dev/null
RUN make &> log
RUN make |& tee log
RUN cat <<< a
RUN echo a | true
RUN cat /etc/passwd | grep root
RUN ls | grep a
RUN ls | xargs rm
RUN ps aux | grep app
