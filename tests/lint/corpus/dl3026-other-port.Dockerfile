FROM registry.example.com/a/b:1
