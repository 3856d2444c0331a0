"""HTTP: who is asking, reads from snapshots, one file a family of routes, the headers of every answer."""
