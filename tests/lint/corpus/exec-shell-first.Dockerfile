FROM debian:12
RUN ["/bin/bash", "-c", "pip install a"]
RUN ["/usr/bin/env", "sh", "-c", "\"sudo\" make"]
