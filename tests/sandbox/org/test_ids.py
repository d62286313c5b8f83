import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.crm.org.ids import IdMint, checksum, is_id, to15, to18

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ids15 = st.text(ALPHABET, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("id15", "check"),
    [
        ("000000000000000", "AAA"),
        ("AAAAAAAAAAAAAAA", "555"),
        ("A0000aaaaaAaaaA", "BAR"),
        ("012000000000000", "AAA"),
    ],
)
def test_checksum_of_known_ids(id15: str, check: str) -> None:
    assert checksum(id15) == check


@given(ids15)
def test_15_and_18_characters_name_the_same_record(id15: str) -> None:
    id18 = to18(id15)
    assert len(id18) == 18
    assert is_id(id18)
    assert to15(id18) == id15
    assert to18(id18) == id18


@given(ids15.filter(lambda i: i.swapcase() != i))
def test_the_checksum_notices_lost_case(id15: str) -> None:
    assert checksum(id15) != checksum(id15.swapcase())


@given(st.text(max_size=20).filter(lambda t: not (t.isascii() and t.isalnum() and len(t) in {15, 18})))
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_the_same_seed_makes_the_same_ids() -> None:
    one, two, other = IdMint(1), IdMint(1), IdMint(2)
    series = [one.next("001") for _ in range(100)]
    assert series == [two.next("001") for _ in range(100)]
    assert series[0] != other.next("001")


def test_ids_sort_in_order_of_creation_as_bytes() -> None:
    mint = IdMint(5)
    series = [mint.next("006") for _ in range(5000)]
    assert series == sorted(series)
    assert len(set(series)) == 5000
    assert all(i.startswith("006") and is_id(i) for i in series)
