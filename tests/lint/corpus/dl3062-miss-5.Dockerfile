FROM golang:1.23
RUN go run ./cmd/tool write --all out
