"""Lead conversion: Account, Contact and Opportunity out of a Lead, which is read-only from then on (contract §12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import history, persons
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.rights import record_types
from prm_harness.crm.org.saves import checks
from prm_harness.crm.org.saves.persons import CONTACT, twin_of
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.saves.saving import update, write_new
from prm_harness.crm.store.store import StoredRow, quote
from prm_harness.crm.store.values import encode

_ADDRESS = (
    *("Street", "City", "State", "StateCode", "PostalCode", "Country", "CountryCode"),
    *("Latitude", "Longitude", "GeocodeAccuracy"),
)

_TO_ACCOUNT = {
    "Company": "Name",
    "Phone": "Phone",
    "Fax": "Fax",
    "Website": "Website",
    "Industry": "Industry",
    "Rating": "Rating",
    "AnnualRevenue": "AnnualRevenue",
    "NumberOfEmployees": "NumberOfEmployees",
    "LeadSource": "AccountSource",
    "OwnerId": "OwnerId",
} | {part: f"Billing{part}" for part in _ADDRESS}

_TO_CONTACT = {
    name: name
    for name in (
        *(
            "Salutation",
            "FirstName",
            "LastName",
            "Title",
            "Phone",
            "MobilePhone",
            "Fax",
            "Email",
            "LeadSource",
        ),
        *("Description", "HasOptedOutOfEmail", "DoNotCall", "OwnerId"),
    )
} | {part: f"Mailing{part}" for part in _ADDRESS}

_TO_PERSON = {
    lead: account
    for lead, account in (
        _TO_ACCOUNT | {n: twin_of(n) for n in _TO_CONTACT if n not in {*_ADDRESS, "OwnerId"}}
    ).items()
    if lead != "Company"
}
"""A lead without a company becomes a person account (Salesforce Help, "Considerations for Using Person Accounts")."""

_TO_OPPORTUNITY = {"LeadSource": "LeadSource", "OwnerId": "OwnerId"}


def convert_lead(
    core: Core,
    lead_id: str,
    *,
    user: str,
    account_id: str | None,
    contact_id: str | None,
    opportunity: bool,
    opportunity_id: str | None,
    opportunity_name: str | None,
    status: str | None,
    overwrite_source: bool,
) -> dict[str, str | None]:
    """See Org.convert_lead."""
    leads = core.plan("Lead")
    lead = core.fetch_live(leads.obj, lead_id)
    if lead["IsConverted"]:
        raise SaveError.of("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    final = _converted_status(core, status)
    with core.journal.transaction():
        contact = None if contact_id is None else core.fetch_live(core.object("Contact"), contact_id)
        if account_id is None and contact is None and lead["Company"] is None:
            account_id = _create_person(core, lead, user)
        if account_id is not None:
            account = core.fetch_live(core.object("Account"), account_id)
            account_id = account["Id"]
            if contact is None and account.get(CONTACT):
                contact = core.fetch("Contact", account[CONTACT])
        else:
            account_id = (contact and contact["AccountId"]) or _create(
                core, "Account", lead, _TO_ACCOUNT, {}, user
            )
        if contact is not None:
            contact_id = contact["Id"]
            if overwrite_source and lead["LeadSource"] is not None:
                update(core, "Contact", contact["Id"], {"LeadSource": lead["LeadSource"]}, user=user)
        else:
            contact_id = _create(core, "Contact", lead, _TO_CONTACT, {"AccountId": account_id}, user)
        if opportunity_id is not None:
            opportunity_id = core.fetch_live(core.object("Opportunity"), opportunity_id)["Id"]
            _add_contact(core, opportunity_id, contact_id, user)
        elif opportunity:
            extra = _new_opportunity(core, lead, account_id, opportunity_name)
            opportunity_id = _create(core, "Opportunity", lead, _TO_OPPORTUNITY, extra, user)
            _add_contact(core, opportunity_id, contact_id, user)
        ids = {
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
            "ConvertedOpportunityId": opportunity_id,
        }
        _close(core, leads, lead, {"Status": final, **ids}, user)
    return {
        "accountId": account_id,
        "contactId": contact_id,
        "opportunityId": opportunity_id,
        "leadId": lead["Id"],
    }


def _converted_status(core: Core, status: str | None) -> str:
    final = [
        found
        for (found,) in core.store.connection.execute(
            f'SELECT "ApiName" FROM {quote("LeadStatus")} WHERE "IsConverted" = 1 ORDER BY "SortOrder"'
        )
    ]
    if status is None and final:
        return str(final[0])
    if status in final:
        return str(status)
    raise SaveError.of("INVALID_STATUS", f"invalid convertedStatus: {status}")


def _create(
    core: Core, sobject: str, lead: StoredRow, mapping: Mapping[str, str], extra: StoredRow, user: str
) -> str:
    """A record from a Lead's values, which need no second system validation but for what this object demands."""
    plan = core.plan(sobject)
    fields = plan.obj.fields
    given = {new: lead[old] for old, new in mapping.items() if old in lead and new in fields}
    given |= _custom_values(core, plan, lead)
    given = {name: value for name, value in given.items() if value is not None} | extra
    row = plan.defaults | given
    if plan.twins:
        persons.choose(core, plan, row, given, user)
    record_types.settle(core, plan, row, user, creating=True)
    # Conversion holds values against the field's whole set, not against the new record's record type.
    unnarrowed = row | {"RecordTypeId": MASTER_RECORD_TYPE}
    faults = [*checks.missing(core, plan, row), *checks.picklists(plan, unnarrowed, given)]
    if faults:
        raise SaveError(*faults)
    return write_new(core, plan, row, given, user=user)


def _create_person(core: Core, lead: StoredRow, user: str) -> str:
    """A person account, whose custom fields come from the lead's fields of the same name on either side."""
    plan, contacts = core.plan("Account"), core.plan("Contact")
    extra = {"RecordTypeId": persons.type_of_family(core, plan, user, person=True)}
    extra |= {
        there: value
        for name, value in _custom_values(core, contacts, lead).items()
        if value is not None and (there := twin_of(name)) in plan.twins
    }
    encode(plan.obj.fields["PersonTitle"], lead["Title"])  # a lead's title may be longer
    return _create(core, "Account", lead, _TO_PERSON, extra, user)


def _custom_values(core: Core, plan: Plan, lead: StoredRow) -> StoredRow:
    """Custom fields map to fields of the same API name and type; an external ID names one record and stays behind."""
    values = {}
    for field in core.object("Lead").fields.values():
        twin = plan.obj.fields.get(field.name)
        if field.custom and twin and twin.stored and twin.type is field.type and not field.external_id:
            values[field.name] = lead[field.name]
    return values


def _new_opportunity(core: Core, lead: StoredRow, account_id: str | None, name: str | None) -> StoredRow:
    stage = core.store.connection.execute(
        f'SELECT "ApiName" FROM {quote("OpportunityStage")} WHERE "IsActive" = 1 ORDER BY "SortOrder" LIMIT 1'
    ).fetchone()
    return {
        "Name": name or f"{lead['Company'] or lead['Name']}-",
        "AccountId": account_id,
        "StageName": stage[0],
        "CloseDate": _end_of_quarter(core.now().date()).isoformat(),
    }


def _end_of_quarter(day: date) -> date:
    first_month_after = (day.month - 1) // 3 * 3 + 4
    year, month = (day.year + 1, 1) if first_month_after > 12 else (day.year, first_month_after)
    return date(year, month, 1) - timedelta(days=1)


def _add_contact(core: Core, opportunity_id: str, contact_id: str | None, user: str) -> None:
    """Give the opportunity the contact, once; the first one that it has is its primary one."""
    if "OpportunityContactRole" not in core.schema.objects:
        return
    plan = core.plan("OpportunityContactRole")
    roles = [
        core.store.fetch(plan.obj.name, role) or {}
        for role in core.live_ids(plan.obj, "OpportunityId", opportunity_id)
    ]
    if any(role.get("ContactId") == contact_id for role in roles):
        return
    given = {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": int(not roles)}
    write_new(core, plan, plan.defaults | given, given, user=user)


def _close(core: Core, plan: Plan, lead: StoredRow, outcome: StoredRow, user: str) -> None:
    at, stamp = core.journal.moment()
    changes = {
        **outcome,
        "IsConverted": 1,
        "ConvertedDate": at.date().isoformat(),
        "LastModifiedDate": stamp,
        "LastModifiedById": user,
        "SystemModstamp": stamp,
    }
    changes = {name: value for name, value in changes.items() if name in lead and value != lead[name]}
    core.store.update("Lead", lead["Id"], changes)
    core.journal.note(at, user, "Lead", lead["Id"], "convert", plan.differences(lead, changes))
    if plan.tracked:
        history.write(core, "Lead", lead["Id"], "leadConverted", user)
