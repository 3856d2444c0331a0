"""Static files as answers: compressed once, and kept like pages, so that they are answered at the wire too."""

import math

from outspoken.pages import static
from outspoken.pages.snapshots import Snapshot
from outspoken.pages.static import Asset
from outspoken.web.headers import completed

BY_NAME = {f"/{name}": name for name in ("embed.js", "embed.css", "compat.js")}
"""What has one address whatever is in it, for the pages of others."""
_PUBLISHED = "/static/"
_FOR_EVER = b"public, max-age=31536000, immutable"
_FOR_A_WHILE = b"public, max-age=600"
"""What is mended in a script reaches every page that has it within ten minutes."""
_KEPT_AS = "static"


def asset_at(path: str) -> Asset | None:
    """Return the file at an address, None if there is none."""
    if path in BY_NAME:
        return static.named(BY_NAME[path])
    return static.assets().get(path.removeprefix(_PUBLISHED)) if path.startswith(_PUBLISHED) else None


def snapshot_of(asset: Asset, path: str, *, is_secure: bool) -> Snapshot:
    """Return a file as it is kept: it is good until this program ends."""
    said = _FOR_A_WHILE if path in BY_NAME else _FOR_EVER
    return Snapshot(
        thread=_KEPT_AS,
        version=0,
        content=asset.content,
        headers=((b"content-type", asset.content_type.encode()),),
        kept_headers=completed(
            [
                (b"vary", b"accept-encoding"),
                (b"cache-control", said),
                # Any page may have it, and with an integrity hash only if it may read it.
                (b"access-control-allow-origin", b"*"),
                (b"cross-origin-resource-policy", b"cross-origin"),
            ],
            is_secure,
        ),
        rendered=0.0,
        cost=0.0,
        good_until=math.inf,
    )
