FROM opensuse/leap:15.6
ARG PIP_NO_CACHE_DIR=1
RUN pip install a==1
