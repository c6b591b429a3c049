FROM python:3.12
RUN pip install --no-cache-dir git+https://git.example.com/a/b.git@v2
RUN pip install --no-cache-dir git+ssh://git.example.com/a/b.git
