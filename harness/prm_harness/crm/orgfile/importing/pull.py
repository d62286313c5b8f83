"""A live org through its API: describes, picklists by record type, rules, process settings, and who may do what.

Reads only, with the client that Python programs use. What the connected user may not see is not in the org file: an
integration user's view makes an integration user's sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from prm_harness.crm.orgfile.importing import pull_access
from prm_harness.crm.orgfile.importing.describes import objects_of, switches_of
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.model import FORMAT, ObjectEntry, OrgFile
from prm_harness.crm.orgfile.rules import ValidationRuleEntry

STANDARD: Final = (
    "Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "OpportunityLineItem", "Product2", "Pricebook2",
    "PricebookEntry", "Campaign", "CampaignMember", "Case", "Task", "Event", "AccountContactRelation", "Partner",
    "AccountPartner", "OpportunityPartner", "Attachment", "ContentVersion", "ContentDocument", "ContentDocumentLink",
    "PartnerMarketingBudget", "PartnerFundAllocation", "PartnerFundRequest", "PartnerFundClaim", "ChannelProgram",
    "ChannelProgramLevel", "ChannelProgramMember", "User",
)  # fmt: skip
"""Standard objects of partner management; all custom objects come with them."""

_PROCESS: Final = {
    "OpportunityStage": (
        "MasterLabel", "ApiName", "IsActive", "SortOrder", "IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName",
        "DefaultProbability",
    ),
    "LeadStatus": ("MasterLabel", "ApiName", "SortOrder", "IsDefault", "IsConverted"),
}  # fmt: skip


class _Plain(HTTPAdapter):
    """Sends by http what the client, which knows https only, addresses to a sandbox on this machine."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """See HTTPAdapter."""
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def session_for(url: str) -> requests.Session:
    """A session for the client: plain http for a sandbox's plain address on this machine, https for all others."""
    session = requests.Session()
    if url.startswith("http://"):
        session.mount(url.replace("http://", "https://", 1), _Plain())
    return session


def pull(sf: Salesforce, report: Report, *, objects: Iterable[str] = ()) -> OrgFile:
    """The org that a client is connected to.

    Args:
        sf: A logged-in client.
        report: Takes what is lost.
        objects: Object names to read instead of those of partner management and all custom ones.

    Raises:
        SalesforceError: the org refused the first request; later refusals go into the report.
    """
    known = [o["name"] for o in (sf.describe() or {})["sobjects"]]
    asked = list(objects)
    for name in asked:
        if name not in known:
            report.lost(name, "the org has no such object, or the user may not see it")
    wanted = [n for n in known if (n in asked if asked else n in STANDARD or n.endswith("__c"))]
    describes = {name: getattr(sf, name).describe() for name in wanted}
    made = objects_of(describes, report)
    for name in made:
        if made[name].record_types:
            made[name] = _with_picklists(sf, made[name], describes[name], report)
    for name, rules in _validation_rules(sf, report).items():
        if name in made:
            made[name] = made[name].model_copy(update={"validation_rules": rules})
            made[name].model_fields_set.add("validation_rules")
    said: dict[str, Any] = {"format": FORMAT, "base": "bare", "objects": made}
    switches = switches_of(made)
    if switches.model_fields_set:
        said["switches"] = switches
    organization = _rows(sf, "SELECT Name, TimeZoneSidKey FROM Organization", report)
    if organization:
        said |= {"name": organization[0]["Name"], "time_zone": organization[0].get("TimeZoneSidKey") or ""}
    setup = {name: rows for name in _PROCESS if (rows := _process(sf, name, report))}
    if setup:
        said["setup"] = setup
    said |= _access(sf, made, report)
    report.lost(
        "sharing rules, sharing sets",
        "are not read from a live org; `org import` reads those of a retrieved project",
    )
    report.lost(
        "flows, triggers, duplicate rules",
        "are not read from a live org; `org import` reads those of a retrieved project, or describe them under `flows`",
    )
    return OrgFile(**said)


def _rows(sf: Salesforce, soql: str, report: Report) -> list[dict[str, Any]]:
    try:
        return [{k: v for k, v in row.items() if k != "attributes"} for row in sf.query_all(soql)["records"]]
    except SalesforceError as error:
        report.lost(soql.rpartition("FROM ")[2].split()[0], f"cannot be read: {_said(error)}")
        return []


def _process(sf: Salesforce, name: str, report: Report) -> tuple[dict[str, Any], ...]:
    return tuple(_rows(sf, f"SELECT {', '.join(_PROCESS[name])} FROM {name} ORDER BY SortOrder", report))


def _access(sf: Salesforce, made: dict[str, ObjectEntry], report: Report) -> dict[str, Any]:
    """Sharing defaults, which go into the objects, and the sections about people."""

    def rows(soql: str) -> list[dict[str, Any]]:
        return _rows(sf, soql, report)

    for name, sharing in pull_access.sharing(rows, list(made)).items():
        made[name] = made[name].model_copy(update=sharing)
        made[name].model_fields_set.update(sharing)
    groups, queues = pull_access.groups(rows, made, report)
    said: dict[str, Any] = {"roles": pull_access.roles(rows), "groups": groups, "queues": queues}
    try:
        me = str((sf.restful("") or {})["identity"]).rpartition("/")[2]
    except SalesforceError as error:
        report.lost("profiles", f"cannot be read: {_said(error)}")
    else:
        mine = pull_access.rights(rows, me, made)
        if mine is not None:
            said |= {"profiles": {mine[0]: mine[1]}, "integration_profile": mine[0]}
    return {key: value for key, value in said.items() if value}


def _with_picklists(
    sf: Salesforce, entry: ObjectEntry, describe: Mapping[str, Any], report: Report
) -> ObjectEntry:
    """The values that each record type offers, from the User Interface API, where they are fewer than all."""
    ids = {
        info["developerName"]: info["recordTypeId"]
        for info in describe["recordTypeInfos"]
        if not info["master"]
    }
    kinds = dict(entry.record_types)
    for name, kind in kinds.items():
        try:
            answer = sf.restful(f"ui-api/object-info/{describe['name']}/picklist-values/{ids[name]}")
        except SalesforceError as error:
            report.lost(
                f"{describe['name']}.{name}",
                f"picklist values of the record type cannot be read: {_said(error)}",
            )
            continue
        narrowed = {}
        for field, offered in (answer or {}).get("picklistFieldValues", {}).items():
            values = [value["value"] for value in offered["values"]]
            known = entry.fields.get(field)
            if known is not None and set(values) != {v.value for v in known.picklist if v.active}:
                narrowed[field] = tuple(values)
        if narrowed:
            kinds[name] = kind.model_copy(update={"picklists": narrowed})
            kinds[name].model_fields_set.add("picklists")
    return entry.model_copy(update={"record_types": kinds})


def _validation_rules(sf: Salesforce, report: Report) -> dict[str, dict[str, ValidationRuleEntry]]:
    try:
        rows = sf.toolingexecute(f"query?q={quote('SELECT Id FROM ValidationRule')}")["records"]
    except SalesforceError as error:
        report.lost("validation rules", f"cannot be read: {_said(error)}")
        return {}
    found: dict[str, dict[str, ValidationRuleEntry]] = {}
    for row in rows:
        try:
            rule = sf.toolingexecute(f"sobjects/ValidationRule/{row['Id']}")
        except SalesforceError as error:
            report.lost(f"validation rule {row['Id']}", f"cannot be read: {_said(error)}")
            continue
        sobject, _, name = str(rule["FullName"]).partition(".")
        meta = rule["Metadata"]
        said: dict[str, Any] = {"formula": meta["errorConditionFormula"], "message": meta["errorMessage"]}
        if meta.get("errorDisplayField"):
            said["display_field"] = meta["errorDisplayField"]
        if not meta.get("active", True):
            said["active"] = False
        found.setdefault(sobject, {})[name] = ValidationRuleEntry(**said)
    return found


def _said(error: SalesforceError) -> str:
    content: Any = error.content
    return str(content[0].get("message")) if isinstance(content, list) and content else str(content)[:100]
