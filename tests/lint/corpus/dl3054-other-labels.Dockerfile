FROM debian:12
LABEL other=x more= "some thing"=y
