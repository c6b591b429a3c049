FROM alpine:3.20
RUN apk add --no-cache --root /target --arch x86_64 --keys-dir /keys busybox=1.36.1-r31
