FROM debian:12
ENV with-dash=1 with.dot=2 _x=3 x1=4
RUN echo "$_x" "$x1"
RUN echo $_x $x1
