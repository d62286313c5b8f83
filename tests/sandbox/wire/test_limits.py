"""Allowances of the org (contract §2)."""

from simple_salesforce import Salesforce

from prm_harness.crm.sandbox import Sandbox


def test_the_whole_table_of_a_developer_org_is_there(client):
    table = client("GET", "limits").body

    assert len(table) == 71
    assert list(table) == sorted(table)
    assert set(table["PermissionSets"]) == {"Max", "Remaining", "CreateCustom"}
    assert all({"Max", "Remaining"} <= set(entry) for entry in table.values())


def test_calls_are_metered(client, sandbox):
    before = client("GET", "limits").body["DailyApiRequests"]
    after = client("GET", "limits").body["DailyApiRequests"]

    assert after == {"Max": before["Max"], "Remaining": before["Remaining"] - 1}


def test_simple_salesforce_reads_them():
    with Sandbox(seed=7) as sandbox, sandbox.in_process():
        own = sandbox.credentials()
        sf = Salesforce(username=own.username, password=own.password, security_token=own.security_token)

        assert sf.limits()["DailyBulkApiBatches"] == {"Max": 15_000, "Remaining": 15_000}
