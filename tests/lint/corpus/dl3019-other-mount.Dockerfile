FROM alpine:3.20
RUN --mount=type=cache,target=/root/.cache apk add bash=5.2.26-r0
RUN --mount=type=bind,target=/var/cache/apk apk add bash=5.2.26-r0
