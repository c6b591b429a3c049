FROM registry.example.com:5000/a/b:1
