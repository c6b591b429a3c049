FROM node:22
RUN npm install -g pnpm@9.7.0 @scope/tool@1.0.0
