"""Cloud objects: one async object per domain; their decorated methods are the commands."""
