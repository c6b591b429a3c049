FROM opensuse/leap:15.6
RUN PIP_NO_CACHE_DIR=tr pip install a==1
