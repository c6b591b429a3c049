FROM node:22
RUN npm install git+ssh://git.example.com/a.git#v1
RUN npm install git://git.example.com/a.git
