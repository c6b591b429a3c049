FROM debian$SUFFIX

