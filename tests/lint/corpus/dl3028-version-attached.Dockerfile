FROM ruby:3.4
RUN gem install bundler -v=2.6.2
