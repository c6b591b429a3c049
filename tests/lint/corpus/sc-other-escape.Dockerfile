# escape=`
FROM debian:12
RUN true `
  && cp $HOME /b
RUN echo `ls
RUN echo "a\
b"
