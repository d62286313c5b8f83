"""Ten years of records from a seed."""

import tracemalloc
from collections import Counter

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.sandbox.seeding import PROFILES


def every(sandbox, sobject, fields):
    return sandbox.query(f"SELECT {fields} FROM {sobject} ORDER BY Id")


@pytest.fixture(scope="module")
def small():
    with Sandbox(seed=7) as sandbox:
        sandbox.counts = sandbox.seed("small")
        yield sandbox


def test_a_profile_has_as_many_rows_as_it_says(small):
    assert sum(small.counts.values()) == PROFILES["small"]
    for sobject, count in small.counts.items():
        assert len(every(small, sobject, "Id")) == count


def test_it_spreads_over_ten_years_and_stamps_are_in_order(small):
    rows = every(small, "Contact", "CreatedDate, LastModifiedDate, SystemModstamp")
    years = Counter(row["CreatedDate"][:4] for row in rows)

    assert set(years) >= {str(year) for year in range(2016, 2026)}
    assert years["2025"] > years["2016"]
    assert [r["CreatedDate"] for r in rows][:10] == sorted(r["CreatedDate"] for r in rows)[:10]
    for row in rows:
        assert row["CreatedDate"] <= row["LastModifiedDate"] <= row["SystemModstamp"]
        assert row["SystemModstamp"][:19] <= small.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    assert any(row["LastModifiedDate"] < row["SystemModstamp"] for row in rows)


def test_the_same_seed_makes_the_same_rows_and_another_seed_others():
    def told(seed):
        with Sandbox(seed=seed) as sandbox:
            sandbox.seed("small")
            return every(sandbox, "Opportunity", "Id, Name, StageName, Amount, SystemModstamp, AccountId")

    assert told(3) == told(3)
    assert told(3) != told(4)


def test_links_lead_somewhere_and_hierarchies_are_deep(small):
    accounts = {row["Id"]: row["ParentId"] for row in every(small, "Account", "Id, ParentId")}

    def depth(record_id):
        return 1 if accounts[record_id] is None else 1 + depth(accounts[record_id])

    assert max(map(depth, accounts)) == 6
    assert {row["AccountId"] for row in every(small, "Contact", "AccountId")} <= set(accounts)
    assert {row["OpportunityId"] for row in every(small, "OpportunityContactRole", "OpportunityId")} <= {
        row["Id"] for row in every(small, "Opportunity", "Id")
    }


def test_what_a_stage_implies_holds_and_a_save_changes_nothing_else(small):
    fields = (
        "Id, StageName, IsClosed, IsWon, ForecastCategory, Probability, ExpectedRevenue, Fiscal, FiscalYear"
    )
    for row in every(small, "Opportunity", fields)[:25]:
        small.update("Opportunity", row["Id"], {"NextStep": "x"})
        after = small.query(f"SELECT {fields} FROM Opportunity WHERE Id = '{row['Id']}'")[0]
        assert after == row


def test_the_change_log_and_the_portal_begin_after_it():
    with Sandbox(seed=7) as sandbox, sandbox.in_process():
        sandbox.seed("small")
        own = sandbox.credentials()
        sf = Salesforce(
            username=own.username, password=own.password, security_token=own.security_token, version="60.0"
        )
        assert sandbox.log.changes() == []
        assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 200
        new = sf.Account.create({"Name": "new"})["id"]
        assert new not in {row["Id"] for row in sandbox.query("SELECT Id FROM Account WHERE Name != 'new'")}


def test_enterprise_orgs_can_be_filled_too():
    with Sandbox(seed=7, template="enterprise-complex") as sandbox:
        assert sum(sandbox.seed("small").values()) == 1000
        kinds = {row["RecordTypeId"] for row in every(sandbox, "Account", "RecordTypeId")}
        stages = {row["StageName"] for row in every(sandbox, "Opportunity", "StageName")}
        assert len(kinds) == 3
        with sandbox.in_process():
            own = sandbox.credentials()
            sf = Salesforce(
                username=own.username,
                password=own.password,
                security_token=own.security_token,
                version="60.0",
            )
            seen = {
                name: sf.query(f"SELECT COUNT() FROM {name}")["totalSize"]
                for name in ("Account", "Opportunity")
            }
        assert seen == {"Account": 100, "Opportunity": 250}, "the portal's user sees what it is to sync"
        assert "Registered" in stages | set(sandbox.schema.describe("Opportunity")["StageName"]["values"])


def test_memory_is_bounded(tmp_path):
    with Sandbox(seed=7, path=str(tmp_path / "org.db")) as sandbox:
        tracemalloc.start()
        sandbox.seed("medium")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 40_000_000, "25,000 rows of 20 columns would be more than that all at once"


def test_an_unknown_profile_is_refused(small):
    with pytest.raises(ValueError, match="no size profile 'huge'; known: small, medium, large, million"):
        small.seed("huge")
