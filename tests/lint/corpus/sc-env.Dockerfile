FROM debian:12
ENV a=1 b="x y"
ENV c d e
ARG f
ARG g=1 h=2
RUN echo "$a" "$b" "$c" "$f" "$g" "$h"
RUN echo $a $b $c $f $g $h
RUN echo "$d"
RUN echo $d
RUN cd $a; ls
RUN [ $a = 1 ] && rm -r "$b"/*
ENV z=$a
RUN echo "$z" $z
RUN $a
