FROM golang:1.23
RUN go get -u a.b/c
