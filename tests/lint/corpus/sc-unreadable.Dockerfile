# hadolint global ignore=DL3059,DL4006
FROM debian:12
RUN echo "begun
RUN echo 'begun
RUN if true; then echo
RUN for f in a; echo
RUN while true do echo
RUN echo $(ls
RUN echo `ls
RUN { echo a
RUN (echo a
RUN [ a = b
RUN case a in a) ;;
RUN a && && b
RUN | a
RUN echo a )
RUN if true then a; fi
RUN echo “a”
RUN f( { a; }
RUN echo $((1 + )
RUN do
RUN done
RUN echo ${a
RUN && a
