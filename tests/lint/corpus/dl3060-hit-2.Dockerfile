FROM debian:12
RUN --mount=type=cache,target=/root/.yarn yarn install
