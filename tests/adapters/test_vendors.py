"""examples/vendors: each starter against a double that behaves as documented; none was verified against a live tenant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from double import http_double
from vendor_doubles import Allbound, Double, Impartner, Magentrix, PartnerStack

from prm_harness.adapter import AdapterFault, ConnectError, Ref, Session, open_adapter
from prm_harness.audit.run import AuditSpec, contestant, run_audit
from prm_harness.delivery import score_line, write_scorecard
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile, score
from prm_reports.doc import stamps

FOLDER = Path(__file__).parents[2] / "examples" / "vendors"
REST = ("magentrix", "impartner", "partnerstack", "allbound")
MANUAL = ("mindmatrix", "unifyr", "channeltivity")
PARTNER = "001000000000001AAA"
DEAL = {"Name": "O'Brien & Söhne", "StageName": "Qualification", "Amount": 12000.5, "CloseDate": "2026-12-31"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    for name, value in {
        "MAGENTRIX_API_KEY": "the-key", "IMPARTNER_KEY": "the-key", "IMPARTNER_TENANT": "7",
        "PARTNERSTACK_PUBLIC": "public", "PARTNERSTACK_SECRET": "secret", "ALLBOUND_KEY": "the-key", "ALLBOUND_RPM": "60000",
        "ALLBOUND_WAIT": "0.01",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def double(vendor: str) -> Double:
    """With one partner that the CRM knows."""
    if vendor == "magentrix":
        own = {"Id": PARTNER, "Name": "Partner", "IsDeleted": False}
        return Magentrix({"Force__Opportunity": [], "Force__Account": [own]})
    if vendor == "impartner":
        return Impartner({"Deal": [], "Account": [{"Id": 7, "CrmId": PARTNER, "Name": "Partner"}]})
    if vendor == "partnerstack":
        partner = {"partner_key": "p-7", "external_key": PARTNER, "company": {"name": "Partner"}}
        return PartnerStack({"deals": [], "partnerships": [partner]})
    return Allbound({"deals": [], "companies": [{"id": 7, "crm_id": PARTNER, "name": "Partner"}]})


def session(vendor: str, url: str, **options: str) -> Session:
    told = {f"{vendor.upper()}_URL": url, **options}
    return Session(
        open_adapter(f"rest:{FOLDER / vendor}.yaml?" + "&".join(f"{k}={v}" for k, v in told.items()))
    )


class TestRest:
    @pytest.mark.parametrize("vendor", REST)
    def test_a_deal_is_registered_read_changed_and_found_again(self, vendor):
        api = double(vendor)
        with http_double(api.answer) as url:
            prm = session(vendor, url)
            made = prm.call("submit", "Opportunity", DEAL, as_partner=PARTNER)
            assert made.state == "accepted", made.messages
            record = prm.call("read", "Opportunity", Ref(by="name", value=DEAL["Name"]))
            assert record.prm_id == made.prm_id
            assert record.fields["CloseDate"][:10] == "2026-12-31"
            assert float(record.fields["Amount"]) == 12000.5
            changed = prm.call(
                "update", "Opportunity", Ref(by="prm_id", value=made.prm_id), {"StageName": "Closed Won"}
            )
            assert changed.state == "accepted", changed.messages
            again = prm.call("read", "Opportunity", Ref(by="name", value=DEAL["Name"]))
            assert again.fields["StageName"] == "Closed Won"
            assert again.fields["Name"] == DEAL["Name"]

    @pytest.mark.parametrize("vendor", REST)
    def test_what_the_product_refuses_is_refused_with_its_reason(self, vendor):
        with http_double(double(vendor).answer) as url:
            refused = session(vendor, url).call(
                "submit", "Opportunity", {"StageName": "Qualification"}, as_partner=PARTNER
            )
        assert refused.state == "rejected"
        assert "name" in refused.messages[0].lower()

    @pytest.mark.parametrize("vendor", REST)
    def test_every_page_is_read(self, vendor):
        api = double(vendor)
        collection = next(iter(api.records))
        api.records[collection] = [
            {
                "Id": f"d{n:04}",
                "key": f"d{n:04}",
                "id": n,
                "Name": f"Deal {n}",
                "name": f"Deal {n}",
                "IsDeleted": False,
            }
            for n in range(505)
        ]
        with http_double(api.answer) as url:
            names = [one.fields["Name"] for one in session(vendor, url).call("list", "Opportunity")]
        assert names == [f"Deal {n}" for n in range(505)]

    @pytest.mark.parametrize("vendor", REST)
    def test_who_is_not_let_in_is_told_so_and_no_secret_with_it(self, vendor, monkeypatch):
        for name in ("MAGENTRIX_API_KEY", "IMPARTNER_KEY", "PARTNERSTACK_SECRET", "ALLBOUND_KEY"):
            monkeypatch.setenv(name, "wrong-0815")
        with http_double(double(vendor).answer) as url, pytest.raises(AdapterFault) as fault:
            session(vendor, url).call("list", "Opportunity")
        assert "wrong-0815" not in str(fault.value)

    def test_magentrix_sessions_end_and_are_renewed(self):
        api = double("magentrix")
        with http_double(api.answer) as url:
            prm = session("magentrix", url)
            assert prm.call("list", "Opportunity") == []
            api.session = "ended"
            assert prm.call("list", "Opportunity") == []
        assert api.sessions_given == 2

    def test_impartner_creates_by_put_in_its_own_tenant(self, monkeypatch):
        api = double("impartner")
        with http_double(api.answer) as url:
            session("impartner", url).call("submit", "Opportunity", DEAL, as_partner=PARTNER)
            assert ("PUT", "/api/objects/v1/Deal") in api.asked
            assert api.records["Deal"][0]["AccountId"] == "7", "the partner goes by the portal's own id"
            monkeypatch.setenv("IMPARTNER_TENANT", "8")
            with pytest.raises(AdapterFault):
                session("impartner", url).call("list", "Opportunity")

    def test_partnerstack_is_waited_for(self):
        api = double("partnerstack")
        api.throttles = 2
        with http_double(api.answer) as url:
            assert session("partnerstack", url).call("list", "Opportunity") == []
        assert len(api.asked) == 3

    def test_allbound_says_406_and_is_waited_for(self):
        api = double("allbound")
        api.allowance = 0
        with http_double(api.answer) as url:
            assert session("allbound", url).call("list", "Opportunity") == []
        assert len(api.asked) == 2

    def test_allbound_is_asked_twenty_times_a_minute_at_most(self, monkeypatch):
        waits = []
        monkeypatch.setenv("ALLBOUND_RPM", "20")
        with http_double(double("allbound").answer) as url:
            prm = open_adapter(f"rest:{FOLDER}/allbound.yaml?ALLBOUND_URL={url}")
            prm._sender._sleep = waits.append
            prm._sender._now = lambda: 0.0
            for _ in range(3):
                prm.read("Opportunity", Ref(by="prm_id", value="1"))
        assert waits == [3.0, 6.0]


class TestManual:
    @pytest.mark.parametrize("vendor", MANUAL)
    def test_a_person_is_told_what_to_do_in_this_product(self, vendor, tmp_path):
        (tmp_path / "answers").write_text("")
        info = open_adapter(
            f"manual:{FOLDER / vendor}.yaml?answers={tmp_path / 'answers'}&folder={tmp_path}"
        ).info()
        content = yaml.safe_load((FOLDER / f"{vendor}.yaml").read_text())
        assert info.operated_by == "person"
        assert info.vendor == content["vendor"]
        assert info.kinds == tuple(content["kinds"])
        assert {"connect", "submit"} <= content["instructions"].keys()

    def test_what_channeltivity_documents_is_declared(self, tmp_path):
        (tmp_path / "answers").write_text("")
        prm = open_adapter(f"manual:{FOLDER}/channeltivity.yaml?answers={tmp_path}/answers&folder={tmp_path}")
        assert prm.info().deal_target == "Lead"
        assert "ModifyAllData" in prm.prerequisites().permissions


class TestMarked:
    @pytest.mark.parametrize("vendor", [*REST, *MANUAL])
    def test_none_is_verified_and_each_says_where_it_comes_from(self, vendor):
        text = (FOLDER / f"{vendor}.yaml").read_text()
        content = yaml.safe_load(text)
        assert content["unverified"] is True
        assert "NOT VERIFIED AGAINST A LIVE TENANT" in text.splitlines()[0]
        assert all(source.startswith("https://") for source in content["sources"])
        assert not {"score", "grade"} & set(content)

    def test_the_record_of_a_run_carries_the_mark(self):
        with http_double(double("impartner").answer) as url:
            info = session("impartner", url).info
        assert contestant("rest:impartner.yaml", info).unverified

    def test_every_page_and_the_score_line_carry_it(self, tmp_path):
        connect = "python:prm_harness.reference.ipaas:create?platform=zapier"
        run = read_run(run_audit(AuditSpec(connect, load_profile("smb"), tmp_path, checks=("F1",))))
        assert "(not verified against a live tenant)" in score_line(score(run))
        assert "NOT VERIFIED AGAINST A LIVE TENANT" in stamps([run])
        page = write_scorecard(run, tmp_path, pdf=False, page="a4")
        text = (tmp_path / "scorecard.html").read_text()
        assert page
        assert "NOT VERIFIED AGAINST A LIVE TENANT" in text
        assert "has to be confirmed on a live tenant" in text

    def test_a_key_that_is_not_set_is_asked_for_by_name(self, monkeypatch):
        monkeypatch.delenv("IMPARTNER_KEY")
        with pytest.raises(ConnectError, match="set IMPARTNER_KEY in the environment"):
            open_adapter(f"rest:{FOLDER}/impartner.yaml")

    def test_every_file_is_in_the_readme(self):
        readme = (FOLDER / "README.md").read_text()
        assert {path.name for path in FOLDER.glob("*.yaml")} == {f"{one}.yaml" for one in (*REST, *MANUAL)}
        for vendor in (*REST, *MANUAL):
            assert f"[{vendor}.yaml]({vendor}.yaml)" in readme
