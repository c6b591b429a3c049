from debian:12
workdir app
