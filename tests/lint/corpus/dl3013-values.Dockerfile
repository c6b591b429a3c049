FROM python:3.12
RUN pip install --no-cache-dir --target /layer --platform manylinux2014_x86_64 --only-binary :all: numpy==2.0.1
