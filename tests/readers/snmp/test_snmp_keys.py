"""Keys of version 3 against the examples of its standards."""

from __future__ import annotations

from meterd.readers.snmp.keys import HASHES, digest, localized, master_key, stretched

ENGINE = bytes.fromhex("000000000000000000000002")


def test_the_examples_of_rfc_3414_a3() -> None:
    assert master_key("md5", "maplesyrup").hex() == "9faf3283884e92834ebc9847d8edd963"
    assert localized("md5", "maplesyrup", ENGINE).hex() == "526f5eed9fcce26f8964c2930787d82b"
    assert master_key("sha", "maplesyrup").hex() == "9fb5cc0381497b3793528939ff788d5d79145211"
    assert (
        localized("sha1", "maplesyrup", ENGINE).hex() == "6695febc9288e36282235fc7151f128497b38f3f"
    )


def test_a_digest_is_as_long_as_its_protocol_says() -> None:
    sizes = {name: len(digest(name, b"key", b"message")) for name in HASHES}
    assert sizes == {name: size for name, (_, size) in HASHES.items()}
    assert sizes["sha256"] == 24


def test_a_key_is_stretched_by_its_own_hash() -> None:
    key = localized("md5", "maplesyrup", ENGINE)
    assert stretched("md5", key, 16) == key
    assert len(stretched("md5", key, 32)) == 32
    assert stretched("md5", key, 32).startswith(key)
