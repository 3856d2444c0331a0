"""The plainest requests, recognised whole: most of what readers and proxies send, and nothing that has to be parsed.

A pattern of what is surely a GET or HEAD without a body that says nothing about how to go on. It knows far less of HTTP
than llhttp, which gets all that it doesn't know; for what it does know, a test holds that llhttp reads the same.
"""

import re

# Field names that begin with one of these letters may say how long the request is, what is to become of the connection,
# or who the reader is ("Connection", "Content-Length", "Cookie", "Expect", "Proxy-Connection", "Transfer-Encoding",
# "Upgrade"), or what is wanted: of them only those pass that are written out here.
_OTHERS = rb"[BDFGHJ-OQRSV-Zbdfghj-oqrsv-z][A-Za-z0-9-]*"
_KNOWN = (
    rb"[Aa]ccept(?:-[Ll]anguage)?|[Cc]ache-[Cc]ontrol|[Pp]ragma|[Pp]riority|[Uu]ser-[Aa]gent|"
    rb"[Uu]pgrade-[Ii]nsecure-[Rr]equests"
)
PLAIN = re.compile(
    rb"(GET|HEAD) (/[!-~]*) HTTP/1\.1\r\n"
    rb"(?:(?:[Aa]ccept-[Ee]ncoding: ([ -~]*)|[Ii]f-[Nn]one-[Mm]atch: ([ -~]*)|[Cc]onnection: keep-alive|"
    rb"(?:" + _OTHERS + rb"|" + _KNOWN + rb"): [ -~]*)\r\n)*\r\n"
)
"""One whole plain request. Groups: method, target, and the values of Accept-Encoding and If-None-Match, if any."""
