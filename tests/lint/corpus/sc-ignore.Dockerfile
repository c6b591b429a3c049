FROM debian:12
# hadolint ignore=SC2086
RUN cp $HOME /b
# hadolint ignore=SC2164,SC2086
RUN true \
  && cp $HOME /b
# hadolint ignore=SC2164
RUN cp $HOME /b
# hadolint ignore=SC2086

RUN cp $HOME /b
# shellcheck disable=SC2086
RUN cp $HOME /b
