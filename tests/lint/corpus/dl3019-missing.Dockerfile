FROM alpine:3.20
RUN apk add bash=5.2.26-r0
