"""A simulated Theta EdgeCloud over real HTTP. It imports nothing else of ours and says only what the wire file says."""
