FROM opensuse/leap:15.6
ENV PIP_NO_CACHE_DIR=on A=1
FROM b:1
RUN pip install a==1
