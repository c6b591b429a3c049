# hadolint global ignore=DL3059
FROM debian:12
RUN x=1
RUN x=1; echo "$x"
RUN x = 1
RUN $x=1
RUN x=1 echo "$x"
RUN echo "$unset"
RUN echo "${unset:-1}"
RUN echo "$UNSET"
RUN x=$y
RUN export PATH=$PATH:/b
RUN PATH=/b
RUN HOME=~/x
RUN x="~/a"; ls "$x"
RUN a=b c
RUN readonly x=$(ls)
RUN x=(a b)
RUN x+=a
RUN x=a; y=$x$x; echo "$y"
RUN unset $x
RUN echo ${x/a/b}
RUN echo ${#x}
RUN IFS=, read -r a b < f; echo "$a"
RUN _=1
RUN x=1; x=2; echo "$x"
RUN f() { y=1; }; f
RUN f() { echo "$1"; }; f
RUN f() { return $?; }; f
RUN function f { :; }; f
