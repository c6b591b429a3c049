FROM golang:1.23
RUN go run main.go serve
