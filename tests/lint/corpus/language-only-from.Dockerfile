FROM debian:12

