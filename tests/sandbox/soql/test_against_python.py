"""SOQL against a plain evaluator in Python: same rows, same order, same nulls, on random rows and random filters."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import Org

TEXTS = st.one_of(
    st.none(),
    st.text(alphabet="aAbBéÉ%_\\' z", min_size=1, max_size=4).map(str.strip).map(lambda t: t or None),
)
NUMBERS = st.one_of(st.none(), st.integers(-3, 3).map(float), st.sampled_from([0.5, 1e9, -2.25]))
DATES = st.one_of(
    st.none(), st.sampled_from(["2023-12-31", "2024-02-14", "2024-02-15", "2024-02-16", "2024-03-01"])
)
MOMENTS = st.one_of(
    st.none(),
    st.sampled_from(
        [f"2024-02-{day}T{hour}:00:00.000+0000" for day in (14, 15, 16) for hour in ("00", "12", "23")]
    ),
)
CHOICES = ("Banking", "Retail", "Oil, Gas")
MULTI = st.one_of(
    st.none(),
    st.sets(st.sampled_from(CHOICES), min_size=1).map(lambda s: ";".join(c for c in CHOICES if c in s)),
)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "NextStep": TEXTS,
            "Amount": NUMBERS,
            "CloseDate": DATES,
            "Kickoff_At__c": MOMENTS,
            "Strategic__c": st.sampled_from([0, 1]),
            "Industries__c": MULTI,
            "AccountId": st.sampled_from([None, 0, 1, 2]),
        }
    ),
    max_size=12,
)
ACCOUNTS = (("acme", 1), ("Bolt", 0), (None, 0))


@dataclass(frozen=True)
class Filter:
    """A condition as SOQL writes it and as Python judges it; a row without a value meets no positive comparison."""

    text: str
    meets: Any


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fold(text):
    return text.casefold()


def like(pattern, text):
    """% and _ by hand: dynamic programming over both strings."""
    pattern, text = fold(pattern), fold(text)
    ends = {0}
    i = 0
    while i < len(pattern):
        sign = pattern[i]
        if sign == "%":
            ends = {e for start in ends for e in range(start, len(text) + 1)}
        else:
            if sign == "\\":
                i += 1
            ends = {e + 1 for e in ends if e < len(text) and ((sign == "_") or text[e] == pattern[i])}
        i += 1
    return len(text) in ends


def ascii_order(text):
    return text.translate({c: c + 32 for c in range(65, 91)}).encode()


def compare(field, operator, literal, value, key=lambda v: v):
    test = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }[operator]
    return Filter(
        f"{field} {operator} {literal}",
        lambda row: row[field] is not None and test(key(row[field]), key(value)),
    )


def equal(field, literal, value, key=lambda v: v):
    same = lambda row: row[field] is not None and key(row[field]) == key(value)  # noqa: E731
    return st.sampled_from(
        [Filter(f"{field} = {literal}", same), Filter(f"{field} != {literal}", lambda row: not same(row))]
    )


def among(field, pairs, key=lambda v: v):
    wanted = {key(value) for _, value in pairs}
    listed = ", ".join(literal for literal, _ in pairs)
    inside = lambda row: row[field] is not None and key(row[field]) in wanted  # noqa: E731
    return st.sampled_from(
        [
            Filter(f"{field} IN ({listed})", inside),
            Filter(f"{field} NOT IN ({listed})", lambda row: not inside(row)),
        ]
    )


SOME_TEXT = TEXTS.filter(lambda t: t is not None)
ASCII_TEXT = SOME_TEXT.filter(str.isascii)
SOME_NUMBER = NUMBERS.filter(lambda n: n is not None)
ORDERS = st.sampled_from(["<", "<=", ">", ">="])
MOMENT = MOMENTS.filter(lambda m: m is not None)


@st.composite
def like_filters(draw):
    pattern = draw(st.text(alphabet="aAbBé%_", min_size=1, max_size=4))
    if draw(st.booleans()):
        pattern += draw(st.sampled_from([r"\%", r"\_", r"\\"]))
    written = pattern.replace("'", "\\'")
    return Filter(
        f"NextStep LIKE '{written}'",
        lambda row: row["NextStep"] is not None and like(pattern, row["NextStep"]),
    )


@st.composite
def choice_filters(draw):
    groups = draw(st.lists(st.sets(st.sampled_from(CHOICES), min_size=1), min_size=1, max_size=2))
    listed = ", ".join(quoted(";".join(sorted(group)).upper()) for group in groups)

    def includes(row):
        have = set((row["Industries__c"] or "").split(";"))
        return row["Industries__c"] is not None and any(group <= have for group in groups)

    if draw(st.booleans()):
        return Filter(f"Industries__c INCLUDES ({listed})", includes)
    return Filter(f"Industries__c EXCLUDES ({listed})", lambda row: not includes(row))


FIELDS = ["NextStep", "Amount", "CloseDate", "Kickoff_At__c", "Industries__c"]
DAYS = {
    "TODAY": ("2024-02-15",) * 2,
    "YESTERDAY": ("2024-02-14",) * 2,
    "THIS_MONTH": ("2024-02-01", "2024-02-29"),
}


@st.composite
def day_filters(draw):
    field = draw(st.sampled_from(["CloseDate", "Kickoff_At__c"]))
    word, (first, last) = draw(st.sampled_from(sorted(DAYS.items())))
    operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))

    def meets(row):
        if row[field] is None:
            return operator == "!="
        day = row[field][:10]
        return {
            "=": first <= day <= last,
            "!=": not first <= day <= last,
            "<": day < first,
            "<=": day <= last,
            ">": day > last,
            ">=": day >= first,
        }[operator]

    return Filter(f"{field} {operator} {word}", meets)


LEAVES = st.one_of(
    SOME_TEXT.flatmap(lambda t: equal("NextStep", quoted(t), t, fold)),
    st.lists(SOME_TEXT, min_size=1, max_size=3).flatmap(
        lambda ts: among("NextStep", [(quoted(t), t) for t in ts], fold)
    ),
    st.builds(lambda op, t: compare("NextStep", op, quoted(t), t, ascii_order), ORDERS, ASCII_TEXT),
    like_filters(),
    SOME_NUMBER.flatmap(lambda n: equal("Amount", repr(n), n)),
    st.lists(SOME_NUMBER, min_size=1, max_size=3).flatmap(
        lambda ns: among("Amount", [(repr(n), n) for n in ns])
    ),
    st.builds(lambda op, n: compare("Amount", op, repr(n), n), ORDERS, SOME_NUMBER),
    MOMENT.flatmap(lambda m: equal("Kickoff_At__c", m.replace("+0000", "Z"), m)),
    st.builds(lambda op, m: compare("Kickoff_At__c", op, m, m), ORDERS, MOMENT),
    DATES.filter(lambda d: d is not None).flatmap(lambda d: equal("CloseDate", d, d)),
    st.sampled_from([True, False]).flatmap(lambda b: equal("Strategic__c", str(b).lower(), int(b))),
    st.sampled_from(FIELDS).map(lambda f: Filter(f"{f} = null", lambda row: row[f] is None)),
    st.sampled_from(FIELDS).map(lambda f: Filter(f"{f} != null", lambda row: row[f] is not None)),
    st.sampled_from(["Account.Name = 'ACME'", "Account.Name LIKE 'a%'"]).map(
        lambda t: Filter(t, lambda r: r["AccountId"] == 0)
    ),
    st.just(Filter("Account.Name != 'acme'", lambda row: row["AccountId"] != 0)),
    st.just(Filter("Account.IsPartner = false", lambda row: row["AccountId"] != 0)),
    day_filters(),
    choice_filters(),
)


def joined(word, test):
    def build(parts):
        return Filter(
            "(" + f" {word} ".join(p.text for p in parts) + ")", lambda row: test(p.meets(row) for p in parts)
        )

    return build


CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(joined("AND", all)),
        st.lists(inner, min_size=2, max_size=3).map(joined("OR", any)),
        inner.map(lambda p: Filter(f"(NOT {p.text})", lambda row: not p.meets(row))),
    ),
    max_leaves=5,
)

ORDER_KEYS = {
    "NextStep": ascii_order,
    "Amount": lambda v: v,
    "CloseDate": lambda v: v,
    "Kickoff_At__c": lambda v: v,
    "Strategic__c": lambda v: v,
}
TERMS = st.lists(
    st.tuples(st.sampled_from(sorted(ORDER_KEYS)), st.booleans(), st.sampled_from(["", "FIRST", "LAST"])),
    max_size=2,
)


def sort(rows, terms):
    """By the last term first: Python's sort is stable, also when reversed."""
    for field, descending, nulls in reversed(terms):
        filled = [row for row in rows if row[field] is not None]
        filled.sort(key=lambda row: ORDER_KEYS[field](row[field]), reverse=descending)
        empty = [row for row in rows if row[field] is None]
        first = nulls == "FIRST" or (not nulls and not descending)
        rows = empty + filled if first else filled + empty
    return rows


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(
    rows=ROWS,
    condition=CONDITIONS,
    terms=TERMS,
    limit=st.one_of(st.none(), st.integers(0, 5)),
    offset=st.one_of(st.none(), st.integers(0, 3)),
)
def test_same_rows_same_order_same_nulls(rows, condition, terms, limit, offset):
    org = ORG
    org.connection.execute('DELETE FROM "Opportunity"')
    for row in rows:
        account = row["AccountId"]
        row["Id"] = org.add(
            "Opportunity", **{**row, "AccountId": None if account is None else ACCOUNT_IDS[account]}
        )

    expected = sort([row for row in rows if condition.meets(row)], terms)
    expected = expected[offset or 0 :][: len(rows) if limit is None else limit]

    # Without an order of its own the statement asks for the order of creation, which the evaluator keeps.
    order = ", ".join(
        f"{field}{' DESC' if descending else ''}{f' NULLS {nulls}' if nulls else ''}"
        for field, descending, nulls in terms
    )
    text = f"SELECT Id, NextStep, Amount, CloseDate, Kickoff_At__c, Strategic__c, Industries__c FROM Opportunity WHERE {condition.text}"
    text += f" ORDER BY {order or 'Id'}"
    text += "" if limit is None else f" LIMIT {limit}"
    text += "" if offset is None else f" OFFSET {offset}"
    found = org.ask(text)
    assert [record["Id"] for record in found.records] == [row["Id"] for row in expected], text
    assert found.total == len(expected)
    for record, row in zip(found.records, expected, strict=True):
        assert record["Strategic__c"] is bool(row["Strategic__c"])
        assert all(record[field] == row[field] for field in FIELDS)

    aggregates = "COUNT(Amount) n, SUM(Amount) total, MIN(CloseDate) first"
    counted = org.ask(f"SELECT {aggregates} FROM Opportunity WHERE {condition.text}")
    chosen = [row for row in rows if condition.meets(row)]
    amounts = [row["Amount"] for row in chosen if row["Amount"] is not None]
    assert counted.records[0]["n"] == len(amounts)
    assert counted.records[0]["total"] == (sum(amounts) if amounts else None)
    assert counted.records[0]["first"] == min(
        (row["CloseDate"] for row in chosen if row["CloseDate"]), default=None
    )


ORG = Org()
ACCOUNT_IDS = [ORG.add("Account", Name=name, IsPartner=partner) for name, partner in ACCOUNTS]
