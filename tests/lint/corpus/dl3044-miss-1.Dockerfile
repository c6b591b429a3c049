FROM opensuse/leap:15.6
ENV PIP_NO_CACHE_DIR=0
RUN pip install a==1
