FROM golang:1.23
RUN go get a.b/c
