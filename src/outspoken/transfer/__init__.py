"""How communities come in and go out: importers, the job that runs them, URL folding."""
