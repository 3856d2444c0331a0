"""Keys that sign archives (Ed25519), and what a signature says: that the manifest is the one that was signed.

A signing key is a file outside the data folder, which nobody else may read: whoever takes the folder can't sign.
"""

import base64
import os
import stat
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_LONGEST_KEY = 16 * 1024
_PUBLIC = 32


class UnusableKey(Exception):
    """The key can't be used. The message says why, in one line."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `manifest.sig`."""

    algorithm: str
    key: str
    """The public key, Base64."""
    signature: str
    """Over the bytes of `manifest.json`, Base64."""


def new_key(path: Path) -> str:
    """Write a fresh signing key to a new file that only its owner may read, and return the public key.

    Raises:
        UnusableKey: if the file is there, or can't be written.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UnusableKey(f"{path} is there already; a key is never written over.") from None
    except OSError as wrong:
        raise UnusableKey(f"{path}: {wrong.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    return public_text(key)


def read_key(path: Path, data: Path) -> Ed25519PrivateKey:
    """Read the signing key at `path`, which must lie outside the folder `data`.

    Raises:
        UnusableKey: if it isn't a key, lies in the folder, or others may read it.
    """
    if path.resolve().is_relative_to(data.resolve()):
        raise UnusableKey(f"{path} lies in the data folder; whoever takes that could sign. Keep it elsewhere.")
    try:
        status = path.stat()
        text = path.read_bytes()[:_LONGEST_KEY]
    except OSError as wrong:
        raise UnusableKey(f"{path}: {wrong.strerror}") from None
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnusableKey(f"others may read {path}. Say “chmod 600 {path}” first.")
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(f"{path} isn't an Ed25519 key; make one with “outspoken keys new”.")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key as it is printed and compared."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def sign(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return what goes beside a manifest."""
    made = Signature("Ed25519", public_text(key), base64.b64encode(key.sign(manifest)).decode())
    return msgspec.json.encode(made) + b"\n"


def signer_of(manifest: bytes, beside: bytes) -> str | None:
    """Return the public key that signed a manifest, None if what stands beside it isn't a signature of it."""
    try:
        read = msgspec.json.decode(beside, type=Signature)
        raw = base64.b64decode(read.key, validate=True)
        if read.algorithm != "Ed25519" or len(raw) != _PUBLIC:
            return None
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(read.signature, validate=True), manifest)
    except (ValueError, InvalidSignature):
        return None
    return read.key


def fingerprint(public: str) -> str:
    """Return a short name of a public key, for people to compare."""
    digits = sha256(base64.b64decode(public)).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
