FROM opensuse/leap:15.6
RUN python setup.py install pip
