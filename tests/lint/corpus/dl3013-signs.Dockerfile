FROM python:3.12
RUN pip install --no-cache-dir 'a==1.0' 'b>=2' 'c~=3.1' 'd!=4' 'e<5,>4'
