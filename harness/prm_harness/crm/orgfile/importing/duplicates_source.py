"""Duplicate rules of a source tree, with the matching rules that they name (Metadata API guide: DuplicateRule, MatchingRules)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from prm_harness.crm.orgfile.importing.criteria import CriteriaError, KindOf, combined, term
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]

_ALL_OF_THEM: Final = re.compile(r"\(*\s*\d+\s*(AND\s*\(*\s*\d+\s*\)*\s*)*\)*", re.IGNORECASE)


def matching_rules(sobject: str, meta: Meta) -> dict[str, Meta]:
    """Matching rules by ``Object.Name``, as duplicate rules may call them."""
    return {f"{sobject}.{one.get('fullName')}": one for one in many(meta.get("matchingRules"))}


def duplicate_rules(
    name: str, meta: Meta, known: Mapping[str, Meta], kind_of: KindOf, report: Report
) -> tuple[str, Meta]:
    """The object of a rule's file, and what org files call its rules: one for each matching rule."""
    sobject, _, own = name.partition(".")
    made: Meta = {}
    matches = many(meta.get("duplicateRuleMatchRules"))
    for number, match in enumerate(matches, 1):
        key = own if len(matches) == 1 else f"{own}_{number}"
        try:
            made[key] = _rule(sobject, meta, match, known, kind_of)
        except CriteriaError as error:
            report.lost(f"{sobject}.duplicate_rules.{key}", str(error))
    if any("Report" in many(meta.get(f"operationsOn{when}")) for when in ("Insert", "Update")):
        report.lost(
            f"{sobject}.duplicate_rules.{own}", "it keeps no report of duplicates (DuplicateRecordSet)"
        )
    return sobject, made


def _rule(sobject: str, meta: Meta, match: Meta, known: Mapping[str, Meta], kind_of: KindOf) -> Meta:
    target = str(match.get("matchRuleSObjectType") or sobject)
    called = str(match.get("matchingRule"))
    found = known.get(f"{target}.{called}")
    if found is None:
        raise CriteriaError(
            f"the matching rule {called} is not in the source; a standard one compares by likeness"
        )
    items = many(found.get("matchingRuleItems"))
    logic = str(found.get("booleanFilter") or "")
    if logic and not _ALL_OF_THEM.fullmatch(logic):
        raise CriteriaError(f"its matching rule compares by {logic!r}; rules here want all fields to agree")
    if any(one.get("blankValueBehavior") == "MatchBlanks" for one in items):
        raise CriteriaError("its matching rule takes blanks for equal; here empty fields agree with nothing")
    theirs = [str(one.get("fieldName")) for one in items]
    mapping = match.get("objectMapping")
    names = {
        str(one.get("outputField")): str(one.get("inputField"))
        for one in many(mapping.get("mappingFields") if isinstance(mapping, dict) else None)
    }
    fields = [names.get(one, one) for one in theirs]
    rule: Meta = {
        "fields": fields,
        "on_create": _action(meta, "Insert"),
        "on_update": _action(meta, "Update"),
        "matching_rule": called,
    }
    if any(one.get("matchingMethod") != "Exact" for one in items):
        rule["fuzzy"] = True
    if target != sobject:
        rule |= {"against": target, "against_fields": theirs}
    if meta.get("alertText"):
        rule["message"] = str(meta["alertText"])
    if not flag(meta, "isActive", default=True) or found.get("ruleStatus") == "Inactive":
        rule["active"] = False
    condition = _condition(meta.get("duplicateRuleFilter"), kind_of)
    return rule | ({"condition": condition} if condition else {})


def _condition(meta: Any, kind_of: KindOf) -> str:
    items = many(meta.get("duplicateRuleFilterItems")) if isinstance(meta, dict) else []
    terms = [
        term(str(one.get("field")), str(one.get("operation")), str(one.get("value") or ""), kind_of)
        for one in sorted(items, key=lambda one: int(one.get("sortOrder") or 0))
    ]
    return combined(terms, str(meta.get("booleanFilter") or "")) if terms else ""


def _action(meta: Meta, when: str) -> str:
    if meta.get(f"actionOn{when}") == "Block":
        return "block"
    return "alert" if "Alert" in many(meta.get(f"operationsOn{when}")) else "allow"
