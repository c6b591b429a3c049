FROM golang:1.23
ONBUILD RUN go install a.b/c
