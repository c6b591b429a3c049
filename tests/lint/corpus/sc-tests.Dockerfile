# hadolint global ignore=DL3059
FROM debian:12
RUN [ "$HOME" = / ]
RUN [ $HOME = / ]
RUN [ "$HOME" == / ]
RUN [ a = b ]
RUN [ -n $HOME ]
RUN [ "$HOME" -eq / ]
RUN [ "x$HOME" = "x" ]
RUN [ -f /a -a -f /b ]
RUN [ ! -z "$HOME" ]
RUN [ "$HOME" > 3 ]
RUN test $HOME
RUN [ -z "$HOME" ] || [ 1 ]
RUN [$HOME = /]
RUN if [ "$HOME" ]; then true; fi
RUN [ "$(id -u)" -eq 0 ]
RUN [ $? -eq 0 ]
RUN [ -e /a* ]
