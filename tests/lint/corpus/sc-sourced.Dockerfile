FROM debian:12
RUN . ./env
RUN . "$HOME"/env
RUN . $HOME/env
SHELL ["/bin/bash", "-c"]
RUN source ./env && echo "$from_there"
RUN source "$HOME"/env
SHELL ["/bin/ash", "-c"]
RUN true
