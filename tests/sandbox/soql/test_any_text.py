"""Whatever the text: rows, a QueryError, or a gap with a name. Never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.errors import QueryError, SandboxGapError

from .conftest import Org

VOCABULARY = """
SELECT FROM WHERE AND OR NOT ( ) , = != < > <= >= <> LIKE IN INCLUDES EXCLUDES null true FALSE TODAY LAST_N_DAYS : 3
GROUP BY HAVING ORDER ASC DESC NULLS FIRST LAST LIMIT OFFSET FOR VIEW COUNT ( ) SUM ( MAX( toLabel( FORMAT( FIELDS(ALL)
FIELDS(STANDARD) TYPEOF WHEN THEN ELSE END USING SCOPE mine WITH ROLLUP( CALENDAR_YEAR( DAY_ONLY( convertTimezone(
Id Name Amount Account.Name Owner.Name What.Type Parent.Parent.Id Industries__c Strategic__c CloseDate CreatedDate Foo
Opportunity Account Contact Task Contacts Opportunities Description BillingAddress Weighted__c Demo_Time__c a n
'x' 'é' '' '\\q' '\\u00e9' 'open 2024-02-30 2024-02-15 2024-02-15T10:00:00Z 9999-99-99T99:99:99Z 25:00:00Z 1e999 -5 0.5
99999999999999999999999 USD5 ; . \\ \0 é
"""
WORDS = VOCABULARY.split()

VALID = [
    (
        "SELECT Id , Name , Account.Name FROM Opportunity WHERE Amount > 1 AND ( Name LIKE 'x%' OR CloseDate = TODAY ) "
        "ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 1"
    ),
    (
        "SELECT Name , ( SELECT Id FROM Contacts WHERE LastName != 'x' LIMIT 1 ) FROM Account WHERE Id IN ( SELECT AccountId "
        "FROM Opportunity )"
    ),
    "SELECT StageName s , COUNT(Id) FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1 ORDER BY StageName",
    "SELECT TYPEOF What WHEN Account THEN Name ELSE Id END FROM Task WHERE Owner.Name IN ( 'x' , 'é' )",
    "SELECT toLabel(StageName) , BillingAddress FROM Account WHERE Industries__c INCLUDES ( 'a;b' )",
]


@st.composite
def mutated(draw):
    words = draw(st.sampled_from(VALID)).split()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words) - 1))
        action = draw(st.sampled_from(["drop", "double", "replace", "insert"]))
        if action == "drop" and len(words) > 1:
            del words[at]
        elif action == "double":
            words.insert(at, words[at])
        elif action == "replace":
            words[at] = draw(st.sampled_from(WORDS))
        else:
            words.insert(at, draw(st.sampled_from(WORDS)))
    return " ".join(words)


TEXTS = st.one_of(
    mutated(),
    st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=15).map(
        lambda words: "SELECT Id FROM Opportunity WHERE " + " ".join(words)
    ),
    st.lists(st.sampled_from(WORDS), max_size=8).map(
        lambda words: "SELECT " + " ".join(words) + " FROM Opportunity"
    ),
    st.text(max_size=60),
    st.text(st.characters(categories=["L", "Cs"]), max_size=9).map(
        lambda t: f"SELECT Id FROM Account WHERE Name LIKE '{t}'"
    ),
    st.text(max_size=30).map(lambda text: f"SELECT Id FROM Account WHERE Name = '{text}'"),
)

ORG = Org()
ORG.add("Opportunity", Name="x", Industries__c="a;b", AccountId=ORG.add("Account", Name="x"))


@settings(derandomize=True, database=None, deadline=None, max_examples=1500)
@given(TEXTS, st.booleans())
def test_any_text(text, include_deleted):
    answer, refusal = None, None
    try:
        answer = ORG.ask(text, include_deleted=include_deleted)
    except (QueryError, SandboxGapError) as error:
        refusal = error
    if isinstance(refusal, QueryError):
        assert refusal.faults[0].code.isupper()
    elif refusal is not None:
        assert str(refusal)
    else:
        assert answer.total == len(answer.records) or not answer.records
