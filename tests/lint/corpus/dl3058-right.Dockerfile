FROM debian:12
LABEL it="me@example.com"
LABEL it="me+ops@mail.example.com"
