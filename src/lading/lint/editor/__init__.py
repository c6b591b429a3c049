"""What editors show of a Dockerfile and offer for it: findings to values of the language server protocol.

Pure: nothing here talks, waits or keeps anything. The values are lsprotocol's, which comes with the extra `lsp`;
`lading.cli.lsp` hands them on.
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
