"""Record ids: 15 case-sensitive characters, and the 18-character form with its checksum (contract §4.1)."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

# ASCII order, so that ids of one object sort by creation.
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
# Each block of five says, first character lowest, which of its characters are upper-case letters.
_CASE = str.maketrans({c: str(int(c.isupper())) for c in _DIGITS})
_CHECK_OF = {f"{n:05b}"[::-1]: c for n, c in enumerate(_CHECK)}

_LAST = tuple((digit, digit.isupper()) for digit in _DIGITS)

MASTER_RECORD_TYPE = "012000000000000AAA"


def checksum(id15: str) -> str:
    """The three characters that make a 15-character id safe where case is lost."""
    case = id15.translate(_CASE)
    return _CHECK_OF[case[:5]] + _CHECK_OF[case[5:10]] + _CHECK_OF[case[10:15]]


def is_id(text: str) -> bool:
    """Whether it is a well-formed id: 15 characters, or 18 with the right checksum."""
    return bool(_SHAPE.fullmatch(text)) and (len(text) == 15 or checksum(text) == text[15:])


def to18(record_id: str) -> str:
    """The 18-character form of a well-formed id."""
    return record_id if len(record_id) == 18 else record_id + checksum(record_id)


@lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """The 18-character form of an id, None for what is no id. Loads name the same few parents again and again."""
    return to18(text) if is_id(text) else None


def to15(record_id: str) -> str:
    """The 15-character form, as several messages print it."""
    return record_id[:15]


@lru_cache(maxsize=64)
def _eight_digits(number: int) -> str:
    """A number in base 62."""
    digits = ""
    for _ in range(8):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


def _endings(stem: str) -> list[str]:
    """The last digit and the checksum of the 62 ids that begin with these 14 characters."""
    case = stem.translate(_CASE)
    check, rest = _CHECK_OF[case[:5]] + _CHECK_OF[case[5:10]], case[10:]
    lower, upper = check + _CHECK_OF[f"{rest}0"], check + _CHECK_OF[f"{rest}1"]
    return [digit + (upper if is_upper else lower) for digit, is_upper in _LAST]


class IdMint:
    """Makes ids. The same seed makes the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - ids are no secrets
        self._pod = "".join(dice.choices(_DIGITS[10:], k=2))
        self._start = dice.randrange(62**4, 62**5)
        self._made: Counter[str] = Counter()
        self._series: Counter[str] = Counter()
        self._planned: dict[str, list[str]] = {}
        self._ahead: set[str] = set()

    def next(self, key_prefix: str) -> str:
        """A new 18-character id of the object with that key prefix."""
        planned = self._planned.get(key_prefix)
        if planned:
            return planned.pop(0)
        while True:
            self._made[key_prefix] += 1
            high, low = divmod(self._start + self._made[key_prefix], 62)
            id15 = f"{key_prefix}{self._pod}0{_eight_digits(high)}{_DIGITS[low]}"
            made = id15 + checksum(id15)
            if made not in self._ahead:
                return made

    def plan_twin(self, record_id: str) -> str:
        """Make the object's next id differ from this one by the case of one letter only; returns it.

        Raises:
            ValueError: every such id has been given out.
        """
        known = record_id[:15]
        for place in range(14, 2, -1):
            twin = known[:place] + known[place].swapcase() + known[place + 1 :]
            whole = twin + checksum(twin)
            if twin != known and whole not in self._ahead and not self._was_made(twin):
                self._ahead.add(whole)
                self._planned.setdefault(known[:3], []).append(whole)
                return whole
        raise ValueError(f"every twin of {record_id} is in use")

    def _was_made(self, id15: str) -> bool:
        if id15[3:6] != f"{self._pod}0":
            return False
        number = 0
        for digit in id15[6:]:
            number = number * 62 + _DIGITS.index(digit)
        return self._start < number <= self._start + self._made[id15[:3]]

    def take(self, key_prefix: str, count: int) -> list[str]:
        """The next ``count`` ids of an object, those that ``next`` would make one by one."""
        if self._ahead:
            return [self.next(key_prefix) for _ in range(count)]
        first = self._start + self._made[key_prefix] + 1
        self._made[key_prefix] += count
        ids: list[str] = []
        while len(ids) < count:
            high, low = divmod(first + len(ids), 62)
            stem = f"{key_prefix}{self._pod}0{_eight_digits(high)}"
            ends = _endings(stem)
            ids += [stem + end for end in ends[low : low + count - len(ids)]]
        return ids

    @property
    def state(self) -> dict[str, dict[str, int]]:
        """How many ids of each object and numbers of each series were given out."""
        return {"made": dict(self._made), "series": dict(self._series)}

    def resume(self, state: Mapping[str, Mapping[str, int]]) -> None:
        """Go on behind what was given out; what is known to be higher already stays."""
        self._made |= Counter(state["made"])
        self._series |= Counter(state["series"])

    def skip(self, record_id: str) -> None:
        """Never give out this id, nor one before it."""
        number = 0
        for digit in record_id[6:15]:
            number = number * 62 + _DIGITS.index(digit)
        prefix = record_id[:3]
        if record_id[3:6] == f"{self._pod}0":
            self._made[prefix] = max(self._made[prefix], number - self._start)

    def skip_numbers(self, series: str, number: int) -> None:
        """Never give out this number of a series, nor one before it."""
        self._series[series] = max(self._series[series], number)

    def count(self, series: str) -> int:
        """The next number of a series, from 1 (auto-number fields). A rolled-back save leaves a gap, as it does live."""
        self._series[series] += 1
        return self._series[series]
