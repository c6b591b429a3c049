FROM golang:1.23
RUN go install a.b/c@v1.0
