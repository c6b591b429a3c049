FROM debian:12
RUN <<EOF
#!/usr/bin/env python3
print(1 if a else b)
EOF
