"""Whatever is done to accounts that are people: the two records of one person agree, and what holds of any org holds of theirs."""

import contextlib
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.saves.persons import twins
from prm_harness.crm.org.schema import Field, FieldType

from .test_properties import AnyHistory

NAMES = st.text("ab", min_size=1, max_size=2)


class AnyPeople(AnyHistory):
    people = Bundle("people")

    def declare(self) -> None:
        super().declare()
        self.org.add_field("Contact", Field("Shoe_Size__c", FieldType.DOUBLE, precision=4, scale=1))
        self.org.enable_person_accounts()

    @rule(target=people, name=NAMES, size=st.sampled_from([None, 1.5]))
    def person(self, name: str, size: float | None) -> str:
        return self.attempt("Account", {"LastName": name, "Shoe_Size__pc": size})

    @rule(person=people, name=NAMES, seconds=st.integers(0, 3), other_side=st.booleans())
    def rename(self, person: str, name: str, seconds: int, other_side: bool) -> None:
        self.clock.advance(seconds)
        row = self.rows("Account").get(person) or {}
        with contextlib.suppress(OrgError):
            if other_side:
                values: dict[str, Any] = {"FirstName": name, "Shoe_Size__c": len(name)}
                self.org.update("Contact", row.get("PersonContactId") or person, values, user=self.user)
            else:
                self.org.update("Account", person, {"LastName": name, "PersonTitle": name}, user=self.user)

    @rule(account=Bundle("accounts"), to_person=st.booleans())
    def change_family(self, account: str, to_person: bool) -> None:
        kinds = self.org.schema.objects["Account"].record_types.values()
        kind = next(one.id for one in kinds if one.person is to_person)
        with contextlib.suppress(OrgError):
            self.org.update("Account", account, {"RecordTypeId": kind}, user=self.user)

    @rule(master=people, other=consumes(people))
    def merge(self, master: str, other: str) -> None:
        with contextlib.suppress(OrgError):
            self.org.merge("Account", master, [other], {}, user=self.user)

    @rule(target=Bundle("deleted"), person=people)
    def delete_person(self, person: str) -> str:
        return self.delete(person)

    @rule(person=people)
    def refer(self, person: str) -> None:
        contact = (self.rows("Account").get(person) or {}).get("PersonContactId")
        if contact:
            self.attempt("Case", {"Subject": "s", "ContactId": contact})

    @invariant()
    def both_records_of_a_person_agree(self) -> None:
        contacts = self.rows("Contact")
        shared = twins(self.org.schema)
        known = {row["PersonContactId"] for row in self.rows("Account").values() if row["IsPersonAccount"]}
        assert {i for i, row in contacts.items() if row["IsPersonAccount"]} == known
        for account, row in self.rows("Account").items():
            if not row["IsPersonAccount"]:
                assert row["PersonContactId"] is None
                continue
            contact = contacts[row["PersonContactId"]]
            assert (contact["AccountId"], contact["IsDeleted"]) == (account, row["IsDeleted"])
            assert {there: row[there] for there in shared} == {
                there: contact[name] for there, name in shared.items()
            }
            stamps = ("Name", "OwnerId", "LastModifiedDate", "SystemModstamp")
            if not row["IsDeleted"]:
                assert [row[name] for name in stamps] == [contact[name] for name in stamps]


TestAnyPeople = AnyPeople.TestCase
TestAnyPeople.settings = settings(max_examples=8, stateful_step_count=20, deadline=None, derandomize=True)
