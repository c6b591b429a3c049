FROM scratch:latest

