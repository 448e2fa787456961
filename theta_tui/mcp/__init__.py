"""The MCP face: the same commands, review, budget and ledger for an AI client (extra `theta-tui[mcp]`)."""
