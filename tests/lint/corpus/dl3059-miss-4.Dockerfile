FROM debian:12
RUN --mount=type=tmpfs,target=/root/.cache/yarn yarn install
