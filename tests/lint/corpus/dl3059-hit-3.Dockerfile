FROM a:1
RUN $x; $y; $z
RUN b
