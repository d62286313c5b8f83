"""Record ids: 15 case-sensitive characters, and the 18-character form with its checksum (contract §4.1)."""

from __future__ import annotations

import random
import re
from collections import Counter

# ASCII order, so that ids of one object sort by creation.
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
_UPPER = {c: int(c.isupper()) for c in _DIGITS}

MASTER_RECORD_TYPE = "012000000000000AAA"


def checksum(id15: str) -> str:
    """The three characters that make a 15-character id safe where case is lost."""
    up = _UPPER
    return "".join(
        _CHECK[up[a] | up[b] << 1 | up[c] << 2 | up[d] << 3 | up[e] << 4]
        for a, b, c, d, e in (tuple(id15[:5]), tuple(id15[5:10]), tuple(id15[10:15]))
    )


def is_id(text: str) -> bool:
    """Whether it is a well-formed id: 15 characters, or 18 with the right checksum."""
    return bool(_SHAPE.fullmatch(text)) and (len(text) == 15 or checksum(text) == text[15:])


def to18(record_id: str) -> str:
    """The 18-character form of a well-formed id."""
    return record_id if len(record_id) == 18 else record_id + checksum(record_id)


def to15(record_id: str) -> str:
    """The 15-character form, as several messages print it."""
    return record_id[:15]


class IdMint:
    """Makes ids. The same seed makes the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - ids are no secrets
        self._pod = "".join(dice.choices(_DIGITS[10:], k=2))
        self._start = dice.randrange(62**4, 62**5)
        self._made: Counter[str] = Counter()
        self._series: Counter[str] = Counter()

    def next(self, key_prefix: str) -> str:
        """A new 18-character id of the object with that key prefix."""
        self._made[key_prefix] += 1
        number = self._start + self._made[key_prefix]
        digits = ""
        for _ in range(9):
            number, digit = divmod(number, 62)
            digits = _DIGITS[digit] + digits
        id15 = f"{key_prefix}{self._pod}0{digits}"
        return id15 + checksum(id15)

    def count(self, series: str) -> int:
        """The next number of a series, from 1 (auto-number fields). A rolled-back save leaves a gap, as it does live."""
        self._series[series] += 1
        return self._series[series]
