FROM debian:12
FROM registry.example.com/team/app:1

