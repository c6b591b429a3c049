FROM debian:12 AS Build
FROM build
FROM debian:12 AS second
FROM SECOND

