FROM a:1
RUN a
# x
RUN b

RUN c
ENV X=1
RUN d
