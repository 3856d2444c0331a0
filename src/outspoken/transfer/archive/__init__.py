"""The open archive: a whole community in a file that can be read without us. Specified in docs/archive-format.md."""
