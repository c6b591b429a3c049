FROM golang:1.23
RUN go install -v -ldflags "-s -w" a.b/c@v1
