"""Loading by column ends in the same records, refusals and account of changes as inserting one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.sandbox import Sandbox

COLUMNS = [
    "LastName",
    "FirstName",
    "Email",
    "AccountId",
    "Load_Key__c",
    "Size__c",
    "Rating__c",
    "DoNotCall",
    "Birthdate",
]
TEXTS = {
    "LastName": ["Lee", " Lee ", "", "x" * 81, None],
    "FirstName": ["Ada", "", None, "  "],
    "Email": ["a@b.co", "not one", "", None],
    "AccountId": ["parent", "", "001000000000000AAA", "no id", None],
    "Load_Key__c": ["k1", "K1", "k2", "k3", "", None],
    "Size__c": ["1", "-0", "12.345", "99999", "1e3", "x", "", None],
    "Rating__c": ["Hot", "Cold", "Wrong", "", None],
    "DoNotCall": ["true", "FALSE", "maybe", "", None],
    "Birthdate": ["2001-02-03", "2001-02-30", "", None],
}


def an_org():
    sandbox = Sandbox(seed=3)
    sandbox.schema.add_field("Contact", "Load_Key__c", "string", length=80, unique=True, external_id=True)
    sandbox.schema.add_field("Contact", "Size__c", "double", precision=6, scale=2)
    sandbox.schema.add_field("Contact", "Rating__c", "picklist", picklist=("Hot", "Cold"), restricted=True)
    (parent,) = sandbox.create("Account", [{"Name": "P"}])
    return sandbox, parent


def outcome(one):
    return one.faults if isinstance(one, OrgError) else one


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*(st.sampled_from(TEXTS[name]) for name in COLUMNS)), max_size=8))
def test_many_at_once_is_the_same_as_one_by_one(rows):
    ends = []
    for at_once in (True, False):
        sandbox, parent = an_org()
        with sandbox:
            org, user = sandbox._org, sandbox.facts.integration_user
            texts = [[parent if text == "parent" else text for text in row] for row in rows]
            before = len(org.changes)
            if at_once:
                made = org.insert_many("Contact", COLUMNS, texts, user=user)
            else:
                made = []
                for row in texts:
                    values = {n: t for n, t in zip(COLUMNS, row, strict=True) if t != ""}
                    try:
                        made.append(org.insert("Contact", values, user=user))
                    except OrgError as error:
                        made.append(error)
            stored = [org.get("Contact", one) for one in made if isinstance(one, str)]
            changes = [(c.record_id, c.operation, dict(c.fields)) for c in org.changes[before:]]
            ends.append(([outcome(one) for one in made], stored, changes))
    assert ends[0] == ends[1]
