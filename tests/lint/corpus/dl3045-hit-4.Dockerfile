FROM reg.io/q/a:1
WORKDIR /a
FROM a:2
COPY a b
