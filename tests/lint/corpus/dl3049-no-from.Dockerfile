LABEL team=me version=1.0.0
