"""What a PRM sees of an audit tells it neither which check is running, nor that this is a harness, nor what comes next time.

Known limits, said in docs/how-to/certify.md: an address that the sandbox does not implement answers ``SANDBOX_GAP``, the
custom fields of the org's template keep their names.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from cryptography import x509

import prm_scenarios
from prm_harness.audit.handed.data import FORMS, Data, form_of
from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.clock import VirtualClock
from prm_harness.crm.org.templates import audited_org
from prm_harness.crm.salesforce.sessions import my_domain
from prm_harness.crm.salesforce.tls.authority import Authority
from prm_harness.crm.sandbox import Sandbox
from prm_harness.scoring import load_profile
from prm_scenarios.field_types import at_the_limit, days, ordinary, texts_with_signs

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)

# Ordinary values, a rule before and after go-live, an object that is added: the ways in which a check could give itself away.
CHECKS = ("T1", "E3", "N6", "V4")
HEADERS = {
    "Content-Type", "Sforce-Limit-Info", "Cache-Control", "Date", "Last-Modified", "ETag", "Location", "Content-Length",
    "Retry-After", "Vary", "Set-Cookie",
}  # fmt: skip
GIVEAWAYS = re.compile(
    r"prm[-_ ]?harness|harness|canary|crash.?test|audit run|pytest|scenario|mirror of seed", re.IGNORECASE
)
NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+ [0-9a-f]{8}(?: [0-9a-f]{8})?(?:(?:[-.: ]| no )\d+)?")


@dataclass
class Seen:
    """Everything that reached the PRM in one audit."""

    answers: list[requests.Response] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    orgs: set[str] = field(default_factory=set)

    def texts(self) -> Iterator[str]:
        for answer in self.answers:
            yield answer.text
            yield json.dumps(dict(answer.headers))

    def event(self, kind: str, payload: Any) -> None:
        if kind == "started":
            self.order.append(payload["check"])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Seen]:
    return {seed: watched(seed, tmp_path_factory.mktemp("seen")) for seed in (1, 2)}


def watched(seed: int, out: Path, checks: Sequence[str] = CHECKS) -> Seen:
    found = Seen()
    send = requests.Session.send

    def watching(self: requests.Session, request: Any, **more: Any) -> requests.Response:
        answer = send(self, request, **more)
        found.answers.append(answer)
        found.hosts.add(request.url.split("/")[2])
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", watching)
        spec = AuditSpec(
            "python:prm_harness.reference.mirror:create",
            load_profile("mid-market"),
            out,
            seed=seed,
            checks=checks,
        )
        run_audit(spec, listeners=[found])
    for text in found.texts():
        found.names |= set(re.findall(r'"Name": ?"((?:[^"\\]|\\.)+)"', text))
        found.orgs |= set(re.findall(r"\b00D\w{12,15}\b", text))
        found.added |= set(re.findall(r'"(\w+_[0-9a-f]{3}__c)"', text))
    return found


def test_no_answer_speaks_of_an_audit(seen: dict[int, Seen]) -> None:
    for found in seen.values():
        assert len(found.answers) > 20
        assert [hit[0] for text in found.texts() if (hit := GIVEAWAYS.search(text))] == []


def test_no_answer_names_a_check_or_a_fault(seen: dict[int, Seen]) -> None:
    checks = load_catalogue().checks
    words = [rf"\b{check.id}\b" for check in checks if check.id in CHECKS] + [
        re.escape(check.title) for check in checks
    ]
    named = re.compile("|".join(words))
    for found in seen.values():
        values = (value for text in found.texts() for value in re.findall(r'"([^"]{2,80})"', text))
        assert [value for value in values if named.search(value) and not NAME.search(value)] == []


def test_headers_are_those_of_an_org(seen: dict[int, Seen]) -> None:
    for found in seen.values():
        assert {name for answer in found.answers for name in answer.headers} <= HEADERS


def test_a_fault_looks_like_the_real_thing() -> None:
    with Sandbox(seed=5, clock=VirtualClock(NOON)) as sandbox, sandbox.in_process():
        client, host = requests.Session(), sandbox_host(sandbox)
        client.headers["Authorization"] = f"Bearer {sandbox.open_session()}"
        real = client.get(f"{host}/services/data/v60.0/sobjects/Nothing__c/describe")
        sandbox.faults.inject(FaultSpec(name="P1 locked", kind="status", route=""))
        planted = client.get(f"{host}/services/data/v60.0/sobjects/Account/describe")
    assert (real.status_code, planted.status_code) == (404, 503)
    assert set(planted.headers) <= set(real.headers)
    assert [set(error) for error in planted.json()] == [set(error) for error in real.json()]
    assert "P1" not in planted.text + json.dumps(dict(planted.headers))


def test_people_org_and_host_follow_from_the_seed() -> None:
    def known(seed: int) -> set[str]:
        with Sandbox(seed=seed, clock=VirtualClock(NOON), make=audited_org) as sandbox:
            people = sandbox.query("SELECT Username, Name FROM User")
            (org,) = sandbox.query("SELECT Id, Name FROM Organization")
            secrets = sandbox.credentials()
            return {
                *(row["Username"] for row in people), *(row["Name"] for row in people), org["Id"], org["Name"],
                secrets.client_id, secrets.password, sandbox_host(sandbox),
            }  # fmt: skip

    one, other = known(1), known(2)
    assert len(one) == len(other) == 11
    assert not one & other


def sandbox_host(sandbox: Sandbox) -> str:
    return f"https://{my_domain(sandbox.facts.seed)}"


def test_names_have_one_form_whatever_check_they_are_for(seen: dict[int, Seen]) -> None:
    for found in seen.values():
        made = {name for name in found.names if re.search(r"[0-9a-f]{8}(?:[-.: ]| no )\d+$", name)}
        assert len(made) > 10
        assert {name for name in made if not NAME.match(name)} == set()


@pytest.mark.parametrize("what", ["orgs", "hosts", "names"])
def test_another_seed_shares_nothing(seen: dict[int, Seen], what: str) -> None:
    one, other = (getattr(found, what) for found in seen.values())
    assert one
    assert other
    shared = {word for word in one & other if word != "login.salesforce.com"}
    # What every org has (stages, profiles, record types, objects) is no name of a record that somebody made.
    assert {word for word in shared if NAME.match(word) or what != "names"} == set()


def test_custom_names_that_a_check_adds_vary(seen: dict[int, Seen]) -> None:
    one, other = (found.added for found in seen.values())
    assert one
    assert other
    assert not one & other


def test_the_form_of_names_varies() -> None:
    forms = {form_of(seed) for seed in range(60)}
    assert forms == set(FORMS)


def test_no_check_adds_anything_under_a_name_that_is_written_in_it() -> None:
    # What a portal's adapter names itself (fund requests) and the columns of a wide object are no one check's.
    fixed = re.compile(r'add_(?:field|object)\(\s*(?:[\w.]+,\s*)?(?:f?"|_[A-Z])')
    folder = Path(prm_scenarios.__file__).parent
    assert [
        (path.name, hit[0]) for path in folder.rglob("*.py") for hit in fixed.finditer(path.read_text())
    ] == []
    assert fixed.search('crm.schema.add_field(kind, "Doubled__c", "currency")')
    assert fixed.search("crm.schema.add_object(\n    _SURVEY,")


def test_values_of_the_field_type_matrix_vary() -> None:
    def values(seed: int) -> set[str]:
        chance = Random(seed)
        sets = (
            ordinary(chance),
            at_the_limit(chance),
            *({"CloseDate": day, "at": at} for day, at, _ in days(chance)),
        )
        return {str(value) for each in sets for value in each.values() if not isinstance(value, bool)}

    ones = [values(seed) for seed in range(8)]
    # The greatest percentage is 100 every time; the only region that every record type offers is AMER.
    assert set.intersection(*ones) == {"100", "AMER"}


def test_texts_with_signs_vary_and_keep_their_signs() -> None:
    signs = ("'", "&", "<b>", "\\", '"', "%")
    ones = [texts_with_signs(Random(seed)) for seed in range(8)]
    assert len({tuple(texts) for texts in ones}) == len(ones)
    for texts in ones:
        joined = "".join(texts)
        assert [sign for sign in signs if sign not in joined] == []
        assert any(unicodedata.bidirectional(letter) == "R" for letter in joined)
        assert any(unicodedata.bidirectional(letter) == "AL" for letter in joined)
        assert any(ord(letter) > 0xFFFF for letter in joined)


def test_what_people_type_varies_and_is_told_apart() -> None:
    def texts(seed: int) -> set[str]:
        data = Data(f"{seed:08x}", Random(seed), NOON.date(), "p", "o", "c", {}, {}, 300)
        assert data.text("start", length=20) == data.text("start", length=20)
        return {data.text(f"edit {number}", length=20) for number in range(50)}

    one, other = texts(1), texts(2)
    assert len(one) == len(other) == 50
    assert not one & other


def test_deals_are_named_with_the_signs(tmp_path: Path) -> None:
    names = {json.loads(f'"{name}"') for name in watched(1, tmp_path, ("T5",)).names}
    for signs in (r"'.* & <b>", r"\\.*\"", "[\u0590-\u05ff]", "\u200d"):
        assert any(re.search(signs + r".* [0-9a-f]{8}\W", name) for name in names), signs


def test_the_throw_away_authority_names_no_product() -> None:
    names = x509.load_pem_x509_certificate(Authority().pem).subject.rfc4514_string()
    assert names
    assert not GIVEAWAYS.search(names)
    assert not re.search("sandbox|throw|prm", names, re.IGNORECASE)


def test_the_order_of_checks_varies(seen: dict[int, Seen]) -> None:
    one, other = (found.order for found in seen.values())
    assert sorted(one) == sorted(other) == sorted(CHECKS)
    assert one != other
