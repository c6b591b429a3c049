FROM alpine:3.20
RUN apk update && apk add bash=5.2.26-r0 && rm -rf /var/cache/apk/*
