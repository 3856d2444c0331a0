"""What a discussion is: comments, states, order, windows, permission. Pure: no I/O, no clock, no framework."""
