FROM eu.gcr.io/a/b:1
FROM gcr.io/a:1
