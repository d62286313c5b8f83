"""Records inserted together end as records inserted one by one: the same rows, ids, changes and refusals."""

from hypothesis import given
from hypothesis import strategies as st

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.sandbox import Sandbox

VALUES = {
    "LastName": st.sampled_from(["Lovelace", " Hopper ", "", None, "x" * 81, 7]),
    "Company": st.sampled_from(["Acme", "", None, True]),
    "Email": st.sampled_from(["a@b.example", "not an address", "", None]),
    "AnnualRevenue": st.sampled_from([1, 1.5, True, "12.345", "", None, 1e20, "many", [1]]),
    "NumberOfEmployees": st.sampled_from([1, 1.0, 2.5, "3", None]),
    "HasOptedOutOfEmail": st.sampled_from([True, False, None, "true", "", 1]),
    "Status": st.sampled_from(["Open - Not Contacted", "no such status", "", None]),
    "OwnerId": st.sampled_from([None, "", "005000000000000", "no id"]),
    "lastname": st.sampled_from(["Case"]),
    "Owner": st.sampled_from([None, {"Username": "nobody@example.com"}]),
    "No_Such__c": st.sampled_from(["v"]),
    "attributes": st.just({"type": "Lead"}),
}
FIELDS = st.lists(st.sampled_from([*list(VALUES)[:8], *list(VALUES)]), unique=True)
RECORDS = st.lists(
    FIELDS.flatmap(lambda names: st.lists(st.fixed_dictionaries({n: VALUES[n] for n in names}), max_size=4)),
    max_size=3,
).map(lambda runs: [record for run in runs for record in run])


def one_by_one(org, records):
    for record in records:
        try:
            yield org.insert("Lead", record, user=org.integration_id)
        except OrgError as error:
            yield error


def story(org, outcomes):
    told = [o if isinstance(o, str) else (type(o), o.faults) for o in outcomes]
    rows = org.connection.execute('SELECT * FROM "Lead" ORDER BY rowid').fetchall()
    changes = [(c.record_id, c.operation, dict(c.fields)) for c in org.changes]
    return told, rows, changes


@given(RECORDS)
def test_together_is_as_one_by_one(records):
    with Sandbox(seed=5) as together, Sandbox(seed=5) as alone:
        org = together._org
        many = story(org, org.insert_records("Lead", records, user=org.integration_id))
        single = story(alone._org, list(one_by_one(alone._org, records)))
    assert many == single
