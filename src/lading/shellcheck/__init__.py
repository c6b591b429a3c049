"""ShellCheck, the program: scripts in, its comments out; knows nothing of Dockerfiles."""
