FROM alpine:3.20
RUN apk --no-cache add bash=5.2.26-r0 git~2.45 openssl~=3.3 make
