FROM debian:12
RUN for x in a b; do sudo $x; done
RUN { sudo a; }
RUN true || sudo b
