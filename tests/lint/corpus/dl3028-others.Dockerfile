FROM ruby:3.3
RUN gem update && gem uninstall rails && gem list
