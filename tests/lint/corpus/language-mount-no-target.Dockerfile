FROM alpine:3.20 AS tools
RUN true

FROM alpine:3.20
WORKDIR /src
RUN --mount=from=tools ls
