FROM golang:1.23
RUN go install -ldflags "-s -w" a.b/c
