# hadolint global ignore=DL3059
FROM debian:12
SHELL ["/bin/ksh", "-c"]
RUN [[ a = b ]]
RUN x=(a b); echo "$x"
RUN echo {1..3}
RUN echo $RANDOM
RUN echo "${x^^}"
RUN echo "${x//a/b}"
RUN echo "${x:0:1}"
RUN function f { :; }; f
RUN source ./a
RUN pushd /a
RUN echo -e a
RUN read -p a x; echo "$x"
RUN let x=1; echo "$x"
RUN (( x++ ))
RUN for (( i=0; i<3; i++ )); do :; done
RUN ls &> /f
RUN ls |& cat
RUN cat <<< a
RUN echo $"a"
RUN select x in a; do echo "$x"; done
RUN x+=a; echo "$x"
RUN declare x=1; echo "$x"
RUN local x=1
RUN shopt -s nullglob
RUN set -o pipefail
RUN trap : ERR
RUN type ls
RUN ulimit -n 10
RUN printf %q a
RUN test a == b
RUN [ a \< b ]
RUN echo "$UID" "$EUID" "$HOSTNAME"
RUN ls -- **/*
RUN exec -a x ls
RUN kill -SIGTERM 1
RUN jobs -x ls
RUN echo $OSTYPE
RUN export -f ls
RUN [ -v x ]
RUN time ls
RUN echo "${!x}"
RUN echo "${x@Q}"
RUN coproc ls
RUN mapfile x
RUN wait -n
RUN (ls) 3>&1-
RUN x=$(</f); echo "$x"
RUN cat <(ls)
