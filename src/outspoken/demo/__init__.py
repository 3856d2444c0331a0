"""The example story and discussion that `outspoken demo` shows."""
