FROM alpine:3.20
RUN apk add --no-cache -X https://dl.example.com/edge bash=5.2.26-r0
RUN apk add --no-cache --repository https://dl.example.com/edge bash
