"""Encryption of SNMP version 3 (RFC 3414 section 8, RFC 3826): the one user of `cryptography`.

Loaded only when a connection has `privacy:`. DES is three times the same key to the
library, which no longer has it alone.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from meterd.readers.snmp.keys import stretched

KEY_BYTES: Final = {"des": 16, "aes128": 16, "aes192": 24, "aes256": 32}
_BLOCK: Final = 8


class Privacy:
    """Encrypts for one user in one agent. salt: where its own salts begin; never repeated."""

    def __init__(self, protocol: str, auth: str, key: bytes, salt: int) -> None:
        """auth: the authentication's protocol. key: localized, as its hash gives it."""
        self._des = protocol == "des"
        self._key = stretched(auth, key, KEY_BYTES[protocol])[: KEY_BYTES[protocol]]
        self._salt = salt

    def encrypt(self, data: bytes, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """(ciphertext, the parameters that the message carries)."""
        self._salt = (self._salt + 1) % (1 << 64)
        if self._des:
            salt = boots.to_bytes(4, "big") + (self._salt % (1 << 32)).to_bytes(4, "big")
            data += bytes(-len(data) % _BLOCK)
        else:
            salt = self._salt.to_bytes(8, "big")
        encryptor = self._cipher(salt, boots, time_s).encryptor()
        return encryptor.update(data) + encryptor.finalize(), salt

    def decrypt(self, data: bytes, salt: bytes, boots: int, time_s: int) -> bytes:
        """The plaintext, padding included; ValueError for what cannot be one."""
        if len(salt) != _BLOCK or (self._des and len(data) % _BLOCK):
            raise ValueError("a length that no ciphertext has")
        decryptor = self._cipher(salt, boots, time_s).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def _cipher(self, salt: bytes, boots: int, time_s: int) -> Cipher[CBC | CFB]:
        if self._des:
            before = self._key[8:16]
            vector = bytes(a ^ b for a, b in zip(before, salt, strict=True))
            return Cipher(TripleDES(self._key[:8] * 3), CBC(vector))
        vector = boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt
        return Cipher(AES(self._key), CFB(vector))
