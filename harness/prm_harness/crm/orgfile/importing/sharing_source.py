"""Sharing rules, groups, queues, roles and sharing sets of a source tree.

Metadata API guide: SharingRules, Group, Queue, Role, SharingSet. Members of public groups are no metadata: the groups are
there, and the report says that somebody has to name their members.
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.orgfile.importing.criteria import CriteriaError, KindOf, combined, term
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]

_TO: Final = {
    "role": "role", "roleAndSubordinates": "role_and_subordinates",
    "roleAndSubordinatesInternal": "role_and_internal_subordinates", "group": "group", "queue": "queue",
}  # fmt: skip
_ALL: Final = {"allInternalUsers": "all_internal_users", "allPartnerUsers": "all_partner_users"}
_LEVELS: Final = {"Read": "read", "Edit": "edit", "None": "none", "ReadWrite": "edit"}


def sharing_rules(sobject: str, meta: Meta, kind_of: KindOf, report: Report) -> Meta:
    """The rules of one object, by name."""
    made: Meta = {}
    for kind in ("sharingCriteriaRules", "sharingOwnerRules"):
        for one in many(meta.get(kind)):
            name = str(one.get("fullName"))
            try:
                made[name] = _rule(one, kind_of, by_owner=kind == "sharingOwnerRules")
            except CriteriaError as error:
                report.lost(f"{sobject}.sharing_rules.{name}", str(error))
    for kind in sorted(key for key in meta if key.startswith("sharing") and key not in _KNOWN):
        for one in many(meta[kind]):
            report.lost(f"{sobject}.{kind}.{one.get('fullName')}", "is no rule that an org file can say")
    return made


_KNOWN: Final = frozenset({"sharingCriteriaRules", "sharingOwnerRules"})


def _rule(meta: Meta, kind_of: KindOf, *, by_owner: bool) -> Meta:
    level = _LEVELS.get(str(meta.get("accessLevel")))
    if level not in {"read", "edit"}:
        raise CriteriaError(f"the access level {meta.get('accessLevel')} is not known")
    rule: Meta = {"shared_with": _whom(meta.get("sharedTo")), "level": level}
    if by_owner:
        rule["owned_by"] = _whom(meta.get("sharedFrom"))
    else:
        terms = [_item(one, kind_of) for one in many(meta.get("criteriaItems"))]
        rule["condition"] = combined(terms, str(meta.get("booleanFilter") or ""))
    settings = meta.get("accountSettings")
    if isinstance(settings, dict):
        opened = {
            child: _LEVELS.get(str(settings.get(f"{child.lower()}AccessLevel")), "none")
            for child in ("Opportunity", "Case", "Contact")
        }
        opened = {child: access for child, access in opened.items() if access != "none"}
        if opened:
            rule["children"] = opened
    return rule


def _item(meta: Meta, kind_of: KindOf) -> str:
    return term(str(meta.get("field")), str(meta.get("operation")), str(meta.get("value") or ""), kind_of)


def _whom(meta: Any) -> str:
    for key, value in (meta or {}).items() if isinstance(meta, dict) else ():
        if key in _ALL:
            return _ALL[key]
        if key in _TO:
            return f"{_TO[key]}:{value}"
        raise CriteriaError(f"{key} {value} is nobody that an org file can name")
    raise CriteriaError("it does not say with whom")


def role(name: str, meta: Meta) -> Meta:
    """One role."""
    made: Meta = {"name": str(meta.get("name") or name)}
    if meta.get("parentRole"):
        made["parent"] = str(meta["parentRole"])
    for key, part in (("opportunities", "opportunity"), ("cases", "case"), ("contacts", "contact")):
        level = _LEVELS.get(str(meta.get(f"{part}AccessLevel")))
        if level is not None and level != "none":
            made[key] = level
    return made


def group(name: str, report: Report) -> Meta:
    """One public group."""
    report.lost(f"groups.{name}", "its members are not part of the source; name them under `members`")
    return {"members": []}


def queue(meta: Meta) -> Meta:
    """One queue."""
    members = meta.get("queueMembers")
    found: list[str] = []
    for kind, inner, word in (
        ("users", "user", "user"), ("publicGroups", "publicGroup", "group"), ("roles", "role", "role"),
        ("roleAndSubordinates", "roleAndSubordinate", "role_and_subordinates"),
    ):  # fmt: skip
        for one in many((members or {}).get(kind)) if isinstance(members, dict) else ():
            found += [f"{word}:{name}" for name in many(one.get(inner))]
    made: Meta = {"objects": [str(one.get("sobjectType")) for one in many(meta.get("queueSobject"))]}
    return made | ({"members": found} if found else {})


def sharing_set(name: str, meta: Meta, report: Report) -> Meta | None:
    """One sharing set; mappings through other fields than the user's own account or contact are reported."""
    fields: Meta = {}
    for one in many(meta.get("accessMappings")):
        path = f"{one.get('object')}.{one.get('objectField')}"
        level = _LEVELS.get(str(one.get("accessLevel")))
        if str(one.get("userField")) not in {"Account", "Contact", "AccountId", "ContactId"} or level not in {
            "read",
            "edit",
        }:
            report.lost(f"sharing_sets.{name}.{path}", f"matching by {one.get('userField')} is not known")
            continue
        owner, field = str(one.get("object")), str(one.get("objectField"))
        if not field.endswith(("Id", "__c")):
            field = "Id" if field == owner else f"{field}Id"
        fields[f"{owner}.{field}"] = level
    profiles = [str(one) for one in many(meta.get("profiles"))]
    return {"profiles": profiles, "fields": fields} if fields else None


def is_on(meta: Meta, *names: str) -> bool:
    """Whether any of these settings is switched on."""
    return any(flag(meta, name) for name in names)
