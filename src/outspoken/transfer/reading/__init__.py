"""What importers read with: files, archives and folders opened within limits, records cut out, values made sense of."""
