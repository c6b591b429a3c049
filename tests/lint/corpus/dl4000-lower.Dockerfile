from debian:12
maintainer ann@example.com
