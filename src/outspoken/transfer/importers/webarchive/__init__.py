"""Web archives: WARC files, plain or gzipped record by record, and WACZ, which is a zip of them.

`members` unfolds, `framing` finds the records, both past what is damaged; `responses` reads the pages out of records,
`codings` undoes how they were sent, `spool` keeps what was found until all captures of a page are there.
"""

from outspoken.transfer.importers.webarchive.reading import is_web_archive, read_web_archive

__all__ = ["is_web_archive", "read_web_archive"]
