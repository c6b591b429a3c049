FROM python:3.12
COPY . .
RUN pip install --no-cache-dir .
RUN pip install --no-cache-dir -e ./lib
RUN pip install --no-cache-dir dist/app.whl app.tar.gz
