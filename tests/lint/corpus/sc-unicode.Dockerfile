FROM debian:12
RUN echo "é𝄞" $HOME
RUN echo “a” é
RUN echo a b
RUN é=1
