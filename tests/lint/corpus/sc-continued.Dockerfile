FROM debian:12
RUN true \
    # told
  && cd /app; \

    ls $HOME
RUN echo $HO\
ME
RUN   \
  echo "a \
  b" `ls`
RUN true && \
  true
