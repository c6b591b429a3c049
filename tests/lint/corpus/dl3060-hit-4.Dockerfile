FROM debian:12
RUN --mount=type=cache,target=/yarn/.cache yarn install
