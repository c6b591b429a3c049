FROM debian:12
LABEL it=1.0".0"
LABEL it="1.0"".0"
LABEL it='1.0.0'
LABEL "it"=1.0
LABEL it 1.0
LABEL other=1 \
  it=1.0 \
  more=1
ONBUILD LABEL it=1.0
