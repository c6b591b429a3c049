FROM debian:12
ENV A=$B B=$A
