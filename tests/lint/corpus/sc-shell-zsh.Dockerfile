FROM debian:12
SHELL ["/bin/zsh", "-c"]
RUN cp $HOME /b
