FROM python:3.12
RUN python3 -m pip install --no-cache-dir --upgrade pip setuptools
RUN python -m build install x
