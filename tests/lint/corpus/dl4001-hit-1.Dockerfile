FROM debian:12
RUN curl -O http://x
RUN echo
RUN wget -q http://x
RUN curl http://y
