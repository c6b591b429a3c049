FROM alpine:3.20
RUN apk add --no-cache --virtual .deps gcc=13.2.1-r0 && apk del .deps
RUN apk add --no-cache -t .more gcc
