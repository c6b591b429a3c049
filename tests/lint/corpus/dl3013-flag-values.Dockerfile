FROM python:3.13
RUN pip install --no-cache-dir --timeout 60 --retries 9 flask==3.1.0
