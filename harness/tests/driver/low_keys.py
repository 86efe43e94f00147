# SPDX-License-Identifier: Apache-2.0
"""Keys of devices by hashlib: of low entropy, of derivations that no audit knows, and random ones.

Each has the id of the finding that must explain it. Nothing of harness/keys is used but its words.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Iterator

from bootcheck.layout import Layout

LISTS = Layout.of_this_package().key_lists
LABELS = (LISTS / "labels.txt").read_text().splitlines()
# a word that is a label too would be found as that
WORDS = [
    word
    for word in (LISTS / "words.txt").read_text().splitlines()
    if word and not word.startswith("# ") and word not in LABELS
]


@dataclass(frozen=True)
class Made:
    """A device, and how its key came about; "": in no way that an audit could know."""

    identity: str
    endpoint: str
    serial: str
    mac: str
    imei: str
    key: bytes
    by: str


@dataclass(frozen=True)
class Reach:
    """How many digits of PINs the budget of the test reaches."""

    digest: int
    hmac: int
    pbkdf2: int
    with_device: int
    years: bool  # and whether the changes of words go so far


FAST = Reach(4, 4, 2, 2, False)  # a budget of 1 million blocks for each search
FULL = Reach(8, 7, 4, 3, True)  # one of 120 million, and 1,000 devices


def padded(text: bytes) -> bytes:
    return text[:16].ljust(16, b"\0")


def repeated(text: bytes) -> bytes:
    return (text * 16)[:16]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def pbkdf2(name: str, secret: bytes, salt: bytes, iterations: int, length: int = 16) -> bytes:
    return hashlib.pbkdf2_hmac(name, secret, salt, iterations, length)


class Fleet:
    """Devices of one class, always the same ones for a seed."""

    def __init__(self, count: int, reach: Reach, seed: int = 1) -> None:
        self._count, self._reach, self._random = count, reach, random.Random(seed)

    def _devices(self, recipe: Callable[[int, Made], tuple[bytes, str]]) -> Iterator[Made]:
        for number in range(self._count):
            draw = self._random.randrange
            mac = ":".join(f"{draw(256):02x}" for _ in range(6))
            bare = Made(
                identity=f"id-{number:06}",
                endpoint=f"urn:dev:os:{draw(10**6):06}-{number}",
                serial=f"SN{draw(10**8):08}{number}",
                mac=mac,
                imei=f"{draw(10**14, 10**15)}",
                key=b"",
                by="",
            )
            key, by = recipe(number, bare)
            yield replace(bare, key=key, by=by)

    def _pin(self, most: int) -> bytes:
        digits = self._random.randint(min(4, most), most)
        return f"{self._random.randrange(10**digits):0{digits}}".encode()

    def pins(self) -> Iterator[Made]:
        reach = self._reach

        def recipe(number: int, device: Made) -> tuple[bytes, str]:
            pin, few = self._pin(reach.digest), self._pin(reach.hmac)
            slow, least = self._pin(reach.pbkdf2), self._pin(reach.with_device)
            return (
                (padded(pin), "plain(pin)"),
                (repeated(pin), "plain(pin)"),
                (bytes.fromhex(pin.decode().rjust(32, "0")), "plain(pin)"),
                (hashlib.md5(pin).digest(), "md5(pin)"),
                (hashlib.sha1(pin).digest()[:16], "sha1(pin)"),
                (hashlib.sha1(pin).digest()[-16:], "sha1(pin)"),
                (sha256(pin), "sha256(pin)"),
                (sha256(pin)[:16], "sha256(pin)"),
                (sha256(pin).hex()[:32].encode(), "sha256(pin)"),
                (hashlib.md5(pin).hexdigest().upper().encode(), "md5(pin)"),
                (hmac.digest(few, b"", "sha256")[:16], "hmac-sha256-by-secret(pin)"),
                (hmac.digest(b"", few, "sha1"), "hmac-sha1(pin)"),
                (pbkdf2("sha256", slow, b"", 1000), "pbkdf2-sha256-1000(pin)"),
                (sha256(least + device.serial.encode())[:16], "sha256(pin+serial)"),
            )[number % 14]

        return self._devices(recipe)

    def _password(self) -> tuple[bytes, bytes]:
        """A word, and one that was changed."""
        word = self._random.choice(WORDS)
        year = str(self._random.randint(1980, 2030)) if self._reach.years else "!"
        changed = (word.capitalize() + year, word.upper() + "123", word + "1", word.lower() + "@")
        return word.encode(), self._random.choice(changed).encode()

    def passwords(self) -> Iterator[Made]:
        def recipe(number: int, device: Made) -> tuple[bytes, str]:
            word, text = self._password()
            return (
                (text.ljust(max(16, len(text)), b"\0"), "plain(word)"),
                (text + text, "plain(word)"),
                (hashlib.md5(text).digest(), "md5(word)"),
                (hashlib.sha1(text).digest()[:16], "sha1(word)"),
                (sha256(text)[:16], "sha256(word)"),
                (sha256(text)[16:], "sha256(word)"),
                (hmac.digest(word, b"lwm2m", "sha256")[:16], "hmac-sha256-by-secret(word)"),
                (pbkdf2("sha256", word, b"", 1000), "pbkdf2-sha256-1000(word)"),
                (pbkdf2("sha1", word, b"", 1000, 32), "pbkdf2-sha1-1000(word)"),
            )[number % 9]

        return self._devices(recipe)

    def of_devices(self) -> Iterator[Made]:
        def recipe(number: int, device: Made) -> tuple[bytes, str]:
            serial, endpoint = device.serial.encode(), device.endpoint.encode()
            mac = bytes.fromhex(device.mac.replace(":", ""))
            return (
                (serial.ljust(max(16, len(serial)), b"\0"), "plain(serial)"),
                (mac + mac + mac, "plain(mac)"),
                (hashlib.md5(serial).digest(), "md5(serial)"),
                (hashlib.md5(device.mac.upper().encode()).digest(), "md5(mac)"),
                (hashlib.sha1(device.imei.encode()).digest()[:16], "sha1(imei)"),
                (sha256(endpoint)[:16], "sha256(endpoint)"),
                (sha256(device.mac.replace(":", "").encode())[:16], "sha256(mac)"),
                (hmac.digest(b"bootstrap", serial, "sha256")[:16], "hmac-sha256(serial)"),
                (
                    hmac.digest(serial, endpoint, "sha1")[:16],
                    "hmac-sha1-by-secret(serial,endpoint)",
                ),
                (pbkdf2("sha1", serial, b"", 1000), "pbkdf2-sha1-1000(serial)"),
                (device.identity.encode().ljust(16, b"\0"), "plain(identity)"),
            )[number % 11]

        return self._devices(recipe)

    def globals(self) -> Iterator[Made]:
        shared, mask = self._random.randbytes(16), self._random.randbytes(16)

        def recipe(number: int, device: Made) -> tuple[bytes, str]:
            serial, endpoint = device.serial.encode(), device.endpoint.encode()
            word = self._random.choice(WORDS).encode()
            return (
                (shared, "equal"),
                (bytes(a ^ b for a, b in zip(mask, padded(serial))), "xor(serial)"),
                (
                    hmac.digest(word, endpoint, "sha256")[:16],
                    "hmac-sha256-by-secret(word,endpoint)",
                ),
                (sha256(word + b":" + serial)[:16], "sha256(word+serial)"),
                (hashlib.md5(serial + word).digest(), "md5(serial+word)"),
                (
                    hmac.digest(b"secretPSK", endpoint, "sha256")[:16],
                    "hmac-sha256-by-secret(known,endpoint)",
                ),
            )[number % 6]

        return self._devices(recipe)

    def held_out(self) -> Iterator[Made]:
        """Low, by derivations that the audit does not know: it must not claim to."""

        def recipe(number: int, device: Made) -> tuple[bytes, str]:
            pin, serial = self._pin(4), device.serial.encode()
            digest = sha256(pin + serial)
            nine = f"{self._random.randrange(10**9):09}".encode()
            return (
                (hashlib.sha512(pin + serial).digest()[:16], ""),
                (hashlib.sha3_256(serial).digest()[:16], ""),
                (hashlib.blake2s(serial, digest_size=16).digest(), ""),
                (sha256(sha256(serial))[:16], ""),
                (bytes(a ^ b for a, b in zip(digest[:16], digest[16:])), ""),
                (pbkdf2("sha256", serial, b"pepper", 7777), ""),
                (sha256(nine)[:16], ""),
                (hashlib.md5(serial[::-1] + b"/").digest(), ""),
                (hmac.digest(b"a secret of ours", serial, "sha256")[:16], ""),
            )[number % 9]

        return self._devices(recipe)

    def random(self) -> Iterator[Made]:
        return self._devices(lambda number, device: (self._random.randbytes(16), ""))


def write(path: Path, devices: Iterator[Made]) -> dict[str, str]:
    """A CSV file; by endpoint, what each key is made by."""
    made: dict[str, str] = {}
    columns = ("identity", "key", "endpoint", "serial", "mac", "imei")
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for device in devices:
            values = {**vars(device), "key": device.key.hex()}
            rows.writerow([values[column] for column in columns])
            made[device.endpoint] = device.by
    return made
