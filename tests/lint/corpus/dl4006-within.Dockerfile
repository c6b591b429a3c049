FROM debian:12
RUN (a | b)
RUN echo $(a | b)
RUN if a | b; then c; fi
RUN { a | b; }
