"""Pages that were saved as HTML, with their discussion in them.

`page` makes a tree of the file, each layout (`wordpress`, `blogger`, `disqus_list`, ...) finds the comments its system
writes, `parts` reads them, `story` reads what is around. `capture` chooses the layout, `merging` makes several captures
of a page one discussion, `restoring` makes records of it. The importer is in `captures`, one floor up.
"""
