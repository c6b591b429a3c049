FROM debian:12 AS Scratch
FROM debian:12 AS CONTEXT
