"""Whatever is done to an org: no live record points at a missing one, and the change log adds up to what is there."""

import contextlib
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from prm_harness.crm.org.declared import Flow, Timing
from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.saves.plan import AUDIT_FIELDS
from prm_harness.crm.org.schema import Field, FieldType, RollUp, Summary
from prm_harness.crm.org.templates import standard_org
from prm_harness.crm.store.values import decode

OBJECTS = (
    "Account",
    "Contact",
    "Opportunity",
    "OpportunityContactRole",
    "Case",
    "OpportunityFieldHistory",
    "OpportunityHistory",
    "AccountShare",
)
SYSTEM = {"OpportunityFieldHistory", "OpportunityHistory", "AccountShare"}
TRAIL = {"Id", "LastModifiedDate", "LastModifiedById", "SystemModstamp"}


class AnyHistory(RuleBasedStateMachine):
    accounts = Bundle("accounts")
    contacts = Bundle("contacts")
    deals = Bundle("deals")
    deleted = Bundle("deleted")

    def __init__(self) -> None:
        super().__init__()
        from .conftest import TestClock

        self.clock = TestClock()
        self.org: Org = standard_org(5, self.clock)
        self.user = self.org.sales_id
        self.declare()

    def declare(self) -> None:
        """What admins have set up: sums, history, automation, sharing."""
        count = RollUp("Opportunity", "AccountId", Summary.COUNT)
        worth = RollUp("Opportunity", "AccountId", Summary.SUM, "Amount", "NOT(IsWon)")
        self.org.add_field("Account", Field("Deals__c", FieldType.DOUBLE, roll_up=count))
        self.org.add_field("Account", Field("Worth__c", FieldType.CURRENCY, scale=2, roll_up=worth))
        self.org.track_history("Opportunity", ["Amount", "NextStep"])
        rich = {"NextStep": "TEXT(Amount)", "Account.Rating": '"Hot"'}
        self.org.add_flow("Opportunity", Flow("Rich", condition="Amount > 1", updates=rich))
        self.org.add_flow(
            "Opportunity",
            Flow("Poor", Timing.WORKFLOW, condition="Amount = 0", updates={"NextStep": '"Zero"'}),
        )
        self.org.set_sharing("Account", "private")

    def attempt(self, sobject: str, values: dict[str, Any]) -> str:
        """The new record's id, or that of nothing when it is refused: references may be to deleted records."""
        try:
            return self.org.insert(sobject, values, user=self.user)
        except OrgError:
            return "001000000000000AAA"

    @initialize(target=accounts)
    def two_accounts(self) -> object:
        return multiple(*(self.attempt("Account", {"Name": name}) for name in "AB"))

    @initialize(target=deals)
    def a_deal(self) -> str:
        return self.attempt(
            "Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
        )

    @rule(target=accounts, key=st.sampled_from(["a", "b", None]))
    def account(self, key: str | None) -> str:
        return self.attempt("Account", {"Name": "A", "External_Id__c": key})

    @rule(target=contacts, account=accounts, name=st.text("ab", min_size=1, max_size=2))
    def contact(self, account: str, name: str) -> str:
        return self.attempt("Contact", {"LastName": name, "AccountId": account})

    @rule(
        target=deals, account=accounts, partner=accounts, stage=st.sampled_from(["Prospecting", "Closed Won"])
    )
    def deal(self, account: str, partner: str, stage: str) -> str:
        values = {"Name": "D", "StageName": stage, "CloseDate": "2026-01-01"}
        return self.attempt("Opportunity", {**values, "AccountId": account, "Partner_Account__c": partner})

    @rule(deal=deals, contact=contacts)
    def role(self, deal: str, contact: str) -> None:
        self.attempt("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact})

    @rule(contact=contacts)
    def case(self, contact: str) -> None:
        self.attempt("Case", {"Subject": "s", "ContactId": contact})

    @rule(deal=deals, partner=accounts, amount=st.sampled_from([None, 0, 1.5, 7]), seconds=st.integers(0, 3))
    def edit(self, deal: str, partner: str, amount: float | None, seconds: int) -> None:
        self.clock.advance(seconds)
        try:
            values = {"Amount": amount, "Partner_Account__c": partner}
            self.org.update("Opportunity", deal, values, user=self.user)
        except OrgError:
            pass

    @rule(target=deleted, record=st.one_of(accounts, contacts, deals))
    def delete(self, record: str) -> str:
        with contextlib.suppress(OrgError):
            self.org.delete(self.sobject(record), record, user=self.user)
        return record

    @rule(record=consumes(deleted))
    def undelete(self, record: str) -> None:
        with contextlib.suppress(OrgError):
            self.org.undelete(self.sobject(record), record, user=self.user)

    def sobject(self, record: str) -> str:
        return {"001": "Account", "003": "Contact", "006": "Opportunity"}[record[:3]]

    def rows(self, sobject: str) -> dict[str, dict[str, Any]]:
        fields = [f for f in self.org.schema.objects[sobject].fields.values() if f.stored]
        names = ", ".join(f'"{f.name}"' for f in fields)
        rows = self.org.connection.execute(f'SELECT {names} FROM "{sobject}"')
        return {
            row["Id"]: row
            for found in rows
            for row in [{f.name: decode(f, v) for f, v in zip(fields, found, strict=True)}]
        }

    @invariant()
    def live_records_point_at_live_records(self) -> None:
        tables = {name: self.rows(name) for name in OBJECTS}
        live = {i for rows in tables.values() for i, row in rows.items() if not row["IsDeleted"]}
        for name, rows in tables.items():
            for field in self.org.schema.objects[name].fields.values():
                if field.type is FieldType.REFERENCE and set(field.reference_to) & set(OBJECTS):
                    for record in live & set(rows):
                        target = rows[record][field.name]
                        assert target is None or target in live, (name, field.name)

    @invariant()
    def the_change_log_adds_up(self) -> None:
        state: dict[tuple[str, str], dict[str, Any]] = {}
        for change in self.org.changes:
            row = state.setdefault((change.sobject, change.record_id), {})
            for name, (old, new) in change.fields.items():
                assert row.get(name) == old or change.operation == "create"
                row[name] = new
        stored = {(name, i): row for name in OBJECTS for i, row in self.rows(name).items()}
        assert state.keys() == stored.keys()
        for key, row in stored.items():
            told = state[key]
            for name, value in row.items():
                if name not in TRAIL:
                    assert told.get(name) == value, (key, name)

    @invariant()
    def sums_are_those_of_the_children(self) -> None:
        deals = [row for row in self.rows("Opportunity").values() if not row["IsDeleted"]]
        for account, row in self.rows("Account").items():
            if not row["IsDeleted"]:
                own = [deal for deal in deals if deal["AccountId"] == account]
                assert row["Deals__c"] == len(own)
                assert row["Worth__c"] == sum(deal["Amount"] or 0 for deal in own if not deal["IsWon"])

    @invariant()
    def history_ends_at_what_is_there(self) -> None:
        deals = self.rows("Opportunity")
        latest: dict[tuple[str, str], Any] = {}
        for _, row in sorted(self.rows("OpportunityFieldHistory").items()):
            if row["DataType"] != "Text" or row["Field"] == "NextStep":
                latest[row["OpportunityId"], row["Field"]] = row["NewValue"]
        for (deal, name), value in latest.items():
            if name != "created":
                assert deals[deal][name] == value, (deal, name)

    @invariant()
    def owners_have_their_share(self) -> None:
        shares = [row for row in self.rows("AccountShare").values() if row["RowCause"] == "Owner"]
        owned = {row["AccountId"]: row["UserOrGroupId"] for row in shares}
        assert len(owned) == len(shares)
        assert owned == {account: row["OwnerId"] for account, row in self.rows("Account").items()}

    @invariant()
    def stamps_are_in_order(self) -> None:
        for name in OBJECTS:
            for row in self.rows(name).values() if name not in SYSTEM else ():
                assert row["CreatedDate"] <= row["LastModifiedDate"] <= row["SystemModstamp"]

    @invariant()
    def unique_values_are_unique_among_live_records(self) -> None:
        keys = [
            r["External_Id__c"]
            for r in self.rows("Account").values()
            if not r["IsDeleted"] and r["External_Id__c"]
        ]
        assert len(keys) == len(set(keys))


assert set(AUDIT_FIELDS) >= TRAIL - {"Id"}
AnyHistory.TestCase.settings = settings(
    max_examples=12, stateful_step_count=30, deadline=None, derandomize=True
)
TestAnyHistory = AnyHistory.TestCase
