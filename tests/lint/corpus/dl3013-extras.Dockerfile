FROM python:3.12
RUN pip3 install --no-cache-dir 'uvicorn[standard]' 'fastapi[all]==0.112'
