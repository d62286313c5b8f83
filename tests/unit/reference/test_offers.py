"""What products offer besides carrying records: files, workflows, choices, mapping rows, ceilings, configurations, seeds."""

from __future__ import annotations

import pytest

from prm_harness.adapter import (
    Configuration,
    FileContent,
    Filter,
    MappingRow,
    NotSupported,
    Ref,
    Rule,
    Workflow,
)

NAME = Ref(by="name", value="Deal")


def crm_deal(made, name="Deal", **values):
    (deal_id,) = made.crm.create("Opportunity", [made.deal(name, Partner_Account__c=made.partner, **values)])
    return deal_id


class TestFiles:
    CONTENT = bytes(range(256)) * 40

    @pytest.mark.parametrize("style", ["mirror", "mapper", "passthrough"])
    def test_a_file_crosses_both_ways_byte_for_byte(self, lab, style):
        made = lab(style)
        made.submit("Deal")
        made.wait()
        file = FileContent(name="Angebot ü.bin", content=self.CONTENT)
        outcome = made.prm.attach("Opportunity", NAME, file, as_partner=made.partner)
        assert outcome.state == "accepted", outcome.messages
        made.wait(cycles=2)
        deal = made.in_crm("Deal")["Id"]
        (link,) = made.crm.query(
            f"SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{deal}'"
        )
        (version,) = made.crm.query(
            f"SELECT Title, ContentSize FROM ContentVersion WHERE ContentDocumentId = '{link['ContentDocumentId']}'"
        )
        assert (version["Title"], version["ContentSize"]) == ("Angebot ü", len(self.CONTENT))

        made.crm.create(
            "ContentVersion",
            [
                {
                    "Title": "Reply",
                    "PathOnClient": "Reply.txt",
                    "VersionData": "aGVsbG8=",
                    "FirstPublishLocationId": deal,
                }
            ],
        )
        made.wait(cycles=2)
        files = {one.name: one for one in made.prm.list_files("Opportunity", NAME)}
        assert set(files) == {"Angebot ü.bin", "Reply.txt"}
        assert made.prm.fetch_file("Opportunity", NAME, files["Reply.txt"].id).content == b"hello"
        assert made.prm.fetch_file("Opportunity", NAME, files["Angebot ü.bin"].id).content == self.CONTENT
        assert made.prm.fetch_file("Opportunity", NAME, "nothing") is None

    def test_a_mapper_takes_files_on_deals_only(self, lab):
        made = lab("mapper")
        (account,) = made.crm.create("Account", [{"Name": "Acme"}])
        made.wait()
        outcome = made.prm.attach(
            "Account", Ref(by="crm_id", value=account), FileContent(name="a", content=b"a")
        )
        assert outcome.state == "rejected"

    def test_a_style_without_files_refuses_cleanly(self, lab):
        with pytest.raises(NotSupported):
            lab("etl").prm.list_files("Opportunity", NAME)


class TestWorkflows:
    RULE = Rule(kind="Opportunity", field="StageName", op="eq", value="Closed Won")

    @pytest.mark.parametrize("style", ["mirror", "mapper", "ipaas", "etl"])
    def test_it_fires_once_for_a_record_that_comes_to_match_wherever_it_was_changed(self, lab, style):
        made = lab(style)
        old, new = crm_deal(made, "Old", StageName="Closed Won"), crm_deal(made)
        made.wait()
        name = made.prm.create_workflow(Workflow(when=self.RULE, action="task", text="Pay the commission"))
        made.crm.update("Opportunity", new, {"StageName": "Closed Won"})
        made.crm.update("Opportunity", old, {"Description": "touched"})
        made.wait(cycles=2)
        made.crm.update("Opportunity", new, {"Description": "touched"})
        made.wait(cycles=2)
        (effect,) = made.prm.workflow_effects(name)
        assert (effect.action, effect.crm_id, effect.text) == ("task", new, "Pay the commission")

        made.crm.update("Opportunity", new, {"StageName": "Prospecting"})
        made.wait(cycles=2)
        made.crm.update("Opportunity", new, {"StageName": "Closed Won"})
        made.wait(cycles=2)
        assert len(made.prm.workflow_effects(name)) == 2
        made.prm.delete_workflow(name)
        made.crm.update("Opportunity", old, {"StageName": "Prospecting"})
        made.wait()
        made.crm.update("Opportunity", old, {"StageName": "Closed Won"})
        made.wait()
        assert len(made.prm.workflow_effects(name)) == 2, "its effects stay, and nothing is added"

    def test_a_mapper_has_them_on_its_own_fields_only(self, lab):
        made = lab("mapper")
        rule = Rule(kind="Account", field="Partner_Tier__c", op="eq", value="Gold")
        with pytest.raises(NotSupported):
            made.prm.create_workflow(Workflow(when=rule, action="task", text="x"))


class TestMappingRows:
    @pytest.mark.parametrize("style", ["mapper", "ipaas"])
    def test_a_field_that_the_crm_owns_cannot_be_edited_and_still_comes(self, lab, style):
        made = lab(style)
        made.submit("Deal", NextStep="first")
        made.wait(cycles=2)
        log = made.prm.set_mapping("Opportunity", [MappingRow(field="NextStep", on_update="to_prm")])
        assert log.done
        assert made.prm.update("Opportunity", NAME, {"NextStep": "ours"}).state == "rejected"
        made.crm.update("Opportunity", made.in_crm("Deal")["Id"], {"NextStep": "theirs"})
        made.wait(cycles=2)
        assert made.in_prm("Deal").fields["NextStep"] == "theirs"

    def test_a_field_that_is_sent_once_is_not_written_again(self, lab):
        made = lab("mapper")
        made.prm.set_mapping(
            "Opportunity", [MappingRow(field="NextStep", on_create="to_crm", on_update="none")]
        )
        made.submit("Deal", NextStep="first")
        made.wait(cycles=2)
        assert made.in_crm("Deal")["NextStep"] == "first"
        assert made.prm.update("Opportunity", NAME, {"NextStep": "ours"}).state == "accepted"
        made.crm.update("Opportunity", made.in_crm("Deal")["Id"], {"Description": "theirs"})
        made.wait(cycles=2)
        assert made.in_crm("Deal")["NextStep"] == "first"
        assert made.in_prm("Deal").fields["NextStep"] == "ours"

    def test_values_are_mapped_fixed_and_kept_when_empty(self, lab):
        made = lab("mapper")
        rows = [
            MappingRow(field="StageName", values={"Prospecting": "New"}),
            MappingRow(field="LeadSource", fixed="Partner Referral"),
            MappingRow(field="NextStep", when_empty="keep"),
        ]
        assert made.prm.set_mapping("Opportunity", rows).done
        made.submit("Deal", StageName="New", NextStep="call")
        made.wait(cycles=2)
        deal = made.in_crm("Deal")
        assert (deal["StageName"], deal["LeadSource"]) == ("Prospecting", "Partner Referral")
        assert made.in_prm("Deal").fields["StageName"] == "New"
        made.crm.update("Opportunity", deal["Id"], {"NextStep": None})
        made.wait(cycles=2)
        assert made.in_prm("Deal").fields["NextStep"] == "call"
        assert {row.field: row.fixed for row in made.prm.get_mapping("Opportunity")}[
            "LeadSource"
        ] == "Partner Referral"

    def test_whose_value_stands_is_chosen(self, lab):
        made = lab("mapper")
        made.submit("Deal", NextStep="first")
        made.wait(cycles=2)
        assert made.prm.source_of_truth("Opportunity").winner == "crm"
        assert made.prm.set_source_of_truth("Opportunity", "prm").done
        assert not made.prm.set_source_of_truth("Opportunity", "newest").done
        made.prm.update("Opportunity", NAME, {"NextStep": "ours"})
        made.crm.update("Opportunity", made.in_crm("Deal")["Id"], {"NextStep": "theirs"})
        made.wait(cycles=2)
        assert made.in_crm("Deal")["NextStep"] == made.in_prm("Deal").fields["NextStep"] == "ours"
        with pytest.raises(NotSupported):
            lab("ipaas").prm.set_source_of_truth("Opportunity", "prm")

    def test_a_field_that_is_not_mapped_is_named(self, lab):
        log = lab("mapper").prm.set_mapping("Opportunity", [MappingRow(field="Nothing__c")])
        assert (log.done, "Nothing__c" in log.message) == (False, True)


class TestUsage:
    def test_calls_are_counted_and_a_ceiling_is_kept_to(self, lab):
        made = lab("mirror")
        mark, _ = made.crm.log.mark()
        before = made.prm.api_usage().calls
        made.wait(cycles=3)
        assert made.prm.api_usage().calls - before == len(made.crm.log.exchanges(since=mark))

        assert made.prm.set_ceiling(0.8).done
        made.crm.quota.set(used=int(made.crm.quota.maximum * 0.85))
        made.submit("Deal")
        mark, _ = made.crm.log.mark()
        made.wait(cycles=12)
        assert len(made.crm.log.exchanges(since=mark)) <= 4, "a look every twenty minutes"
        usage = made.prm.api_usage()
        assert (usage.paused, usage.ceiling) == (True, 0.8)
        assert made.prm.sync_status().state == "paused"
        assert any("ceiling" in mail.subject for mail in made.prm.notifications())

        made.crm.quota.set(used=0)
        made.wait(cycles=6)
        assert made.rows("Deal")
        assert not made.prm.api_usage().paused

    @pytest.mark.parametrize("style", ["mapper", "ipaas", "passthrough"])
    def test_some_count_and_keep_to_nothing(self, lab, style):
        prm = lab(style).prm
        assert list(prm.list("Account"))
        assert prm.api_usage().calls > 0
        with pytest.raises(NotSupported):
            prm.set_ceiling(0.5)


class TestConfig:
    @pytest.mark.parametrize("style", ["mirror", "mapper", "ipaas", "etl", "passthrough"])
    def test_what_was_set_up_is_set_up_in_another_org(self, lab, style):
        first, second = lab(style), lab(style)
        first.prm.set_filter("Account", Filter(kind="Account", field="Industry", op="eq", value="Energy"))
        exported = first.prm.export_config()
        assert "9a" not in exported.content or first.connection().password not in exported.content
        assert second.prm.import_config(exported).done
        assert second.prm.get_filter("Account").value == "Energy"

    def test_mapping_rows_go_with_it(self, lab):
        first, second = lab("mapper"), lab("mapper")
        first.prm.set_mapping("Opportunity", [MappingRow(field="NextStep", on_update="to_prm")])
        log = second.prm.import_config(first.prm.export_config())
        assert [step.actor for step in log.steps] == ["vendor"]
        rows = {row.field: row.on_update for row in second.prm.get_mapping("Opportunity")}
        assert rows["NextStep"] == "to_prm"

    def test_what_the_other_org_lacks_is_named_and_nothing_is_changed(self, lab):
        prm = lab("mirror").prm
        prm.set_filter("Account", Filter(kind="Account", field="Industry", op="eq", value="Energy"))
        exported = prm.export_config()
        prm.set_filter("Account", None)
        strange = exported.model_copy(update={"content": exported.content.replace("Industry", "Zone__c")})
        log = prm.import_config(strange)
        assert (log.done, "Zone__c" in log.message) == (False, True)
        assert prm.get_filter("Account") is None

    @pytest.mark.parametrize("content", ["{", "[]", "{}"])
    def test_a_file_of_something_else_is_refused(self, lab, content):
        prm = lab("mirror").prm
        assert not prm.import_config(Configuration(format="other", content="{}")).done
        own = prm.export_config().format
        assert not prm.import_config(Configuration(format=own, content=content)).done


class TestSeeds:
    @pytest.mark.parametrize("style", ["mirror", "mapper", "ipaas", "etl"])
    def test_what_both_sides_have_is_one_record_and_the_rest_is_created(self, lab, style):
        made = lab(style, connect=False)
        (acme,) = made.crm.create("Account", [{"Name": "Acme", "Industry": "Energy"}])
        known, new = made.prm.seed(
            "Account",
            [{"Name": "ACME", "Website": "https://acme.example", "Industry": "Media"}, {"Name": "Nova"}],
        )
        made.connect()
        made.wait(cycles=2)
        assert len(made.crm.query("SELECT Id FROM Account WHERE Name = 'Acme'")) == 1
        twin = made.prm.read("Account", Ref(by="prm_id", value=known.prm_id))
        assert twin.crm_id == acme
        assert twin.fields["Industry"] == "Energy", "what the CRM says stands"
        assert made.crm.get("Account", acme)["Website"] == "https://acme.example", (
            "what it left blank is filled"
        )
        (nova,) = made.crm.query("SELECT Id FROM Account WHERE Name = 'Nova'")
        assert made.prm.read("Account", Ref(by="prm_id", value=new.prm_id)).crm_id == nova["Id"]
        with pytest.raises(NotSupported):
            made.prm.seed("Account", [])


class TestControl:
    def test_a_held_sync_takes_entries_and_catches_up(self, lab):
        made = lab("mirror")
        assert made.prm.pause().done
        made.submit("Deal")
        crm_deal(made, "Theirs")
        made.wait(cycles=3)
        assert not made.rows("Deal")
        assert made.prm.read("Opportunity", Ref(by="name", value="Theirs")) is None
        assert made.prm.sync_status().state == "paused"
        assert made.prm.resume().done
        assert made.rows("Deal")
        assert made.in_prm("Theirs")
        assert made.prm.sync_status().state == "active"

    @pytest.mark.parametrize("style", ["mirror", "passthrough"])
    def test_a_deleted_record_comes_back_on_both_sides(self, lab, style):
        made = lab(style)
        made.submit("Deal")
        made.wait()
        deal = made.in_crm("Deal")["Id"]
        prm_id = made.in_prm("Deal").prm_id
        for cycles in (0, 2):
            assert made.prm.delete("Opportunity", Ref(by="prm_id", value=prm_id)).state == "accepted"
            if cycles:
                made.wait(cycles=cycles)
                assert made.crm.get("Opportunity", deal) is None
            assert made.prm.undelete("Opportunity", Ref(by="prm_id", value=prm_id)).state == "accepted"
            made.wait(cycles=2)
            assert made.crm.get("Opportunity", deal)["Name"] == "Deal"
            assert made.in_prm("Deal").crm_id == deal
        assert made.prm.undelete("Opportunity", Ref(by="prm_id", value=prm_id)).state == "rejected"

    def test_an_error_that_somebody_took_note_of_stays_until_mended(self, lab):
        made = lab("mirror")
        made.crm.schema.add_validation_rule("Opportunity", "No", 'NextStep = "no"', "Not so", "NextStep")
        made.submit("Deal", NextStep="no")
        made.wait()
        (error,) = made.prm.list_errors()
        made.prm.acknowledge(error.id)
        made.wait(cycles=3)
        (error,) = made.prm.list_errors()
        assert error.acknowledged
        made.prm.update("Opportunity", NAME, {"NextStep": "yes"})
        made.wait(cycles=2)
        assert made.prm.list_errors() == []

    def test_a_backfill_says_how_far_it_has_come(self, lab):
        made = lab("mirror")
        assert made.prm.backfill_status("Account").state == "idle"
        made.prm.backfill("Account", ["Name"])
        status = made.prm.backfill_status("Account")
        assert (status.state, status.loaded) == ("done", status.expected)


class TestFlows:
    @pytest.mark.parametrize("style", ["mirror", "passthrough"])
    def test_a_lead_is_passed_taken_and_turned_down(self, lab, style):
        made = lab(style)
        leads = made.crm.create("Lead", [{"LastName": name, "Company": "C"} for name in ("Ada", "Bo")])
        made.wait()
        for lead in leads:
            assert made.prm.assign_lead(Ref(by="crm_id", value=lead), made.partner).state == "accepted"
        made.wait(cycles=2)
        assert len(list(made.prm.list_as(made.partner, "Lead"))) == 2
        made.prm.answer_lead(Ref(by="crm_id", value=leads[0]), True, as_partner=made.partner)
        made.prm.answer_lead(
            Ref(by="crm_id", value=leads[1]), False, as_partner=made.partner, reason="not ours"
        )
        made.wait(cycles=2)
        ada, bo = (made.crm.get("Lead", lead) for lead in leads)
        assert (ada["Status"], ada["Partner_Account__c"]) == ("Working - Contacted", made.partner)
        assert bo["Partner_Account__c"] is None
        assert "not ours" in bo["Description"]
        strange = made.prm.answer_lead(Ref(by="crm_id", value=leads[1]), True, as_partner=made.partner)
        assert strange.state == "rejected"

    def test_a_registration_is_approved_and_a_deal_needs_none(self, lab):
        made = lab("mirror")
        made.prm.add_type("Deal_Registration__c")
        made.wait()
        outcome = made.prm.submit(
            "Deal_Registration__c",
            {"Name": "R-1", "Status__c": "Submitted", "Account__c": made.account},
        )
        assert outcome.state == "accepted", outcome.messages
        made.wait(cycles=2)
        (row,) = made.crm.query("SELECT Id FROM Deal_Registration__c")
        assert (
            made.prm.approve("Deal_Registration__c", Ref(by="crm_id", value=row["Id"]), True).state
            == "accepted"
        )
        made.wait(cycles=2)
        assert made.crm.get("Deal_Registration__c", row["Id"])["Status__c"] == "Approved"
        made.submit("Deal")
        assert made.prm.approve("Opportunity", NAME, True).state == "rejected"
