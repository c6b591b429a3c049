from debian:12
user app
