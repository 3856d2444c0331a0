"""What a reader is given: pages, feeds, site maps, drawn marks, the style sheet. Pure functions of their arguments."""
