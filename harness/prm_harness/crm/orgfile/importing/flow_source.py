"""Record-triggered flows of a source tree as automation of an org file.

A flow is walked from its start along every way that it can take; each way that does something becomes one rule, whose
condition is what had to hold on the way. What cannot be said so (loops, queries, subflows, actions, paths that wait) is
refused as a whole, with the element that stood in the way. Metadata API guide: Flow, FlowStart, FlowRecordUpdate.
"""

from __future__ import annotations

import re
from typing import Any, Final

from prm_harness.crm.orgfile.importing.criteria import CriteriaError, KindOf, combined, quoted, term
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]

_DOES: Final = ("recordUpdates", "recordCreates", "assignments", "decisions", "customErrors")
_CANNOT: Final = (
    "actionCalls", "apexPluginCalls", "collectionProcessors", "loops", "recordDeletes", "recordLookups",
    "recordRollbacks", "screens", "steps", "subflows", "transforms", "waits", "orchestratedStages",
)  # fmt: skip
_RECORD: Final = re.compile(r"\$Record(__Prior)?\.([\w.]+)")
_MERGE: Final = re.compile(r"\{!([^}]+)\}")
_GLOBALS: Final = {
    "$Flow.CurrentDate": "TODAY()", "$Flow.CurrentDateTime": "NOW()", "$GlobalConstant.EmptyString": '""',
    "$GlobalConstant.True": "TRUE", "$GlobalConstant.False": "FALSE",
}  # fmt: skip
_MOST_WAYS: Final = 50


def flow(name: str, meta: Meta, kind_of: KindOf) -> tuple[str, Meta]:
    """The object that a flow belongs to, and what it does by name.

    Raises:
        CriteriaError: it does something that cannot be said, which the text names.
    """
    return _Flow(name, meta, kind_of).whole()


class _Flow:
    def __init__(self, name: str, meta: Meta, kind_of: KindOf) -> None:
        self._name, self._meta = name, meta
        start = meta.get("start")
        self._start: Meta = start if isinstance(start, dict) else {}
        self._object = str(self._start.get("object") or "")
        self._kind = kind_of
        self._elements = {
            str(one.get("name")): (kind, one) for kind in (*_DOES, *_CANNOT) for one in many(meta.get(kind))
        }
        self._formulas = {
            str(one.get("name")): str(one.get("expression") or "") for one in many(meta.get("formulas"))
        }
        self._constants = {str(one.get("name")): one.get("value") for one in many(meta.get("constants"))}
        self._made: Meta = {}

    def whole(self) -> tuple[str, Meta]:
        timing = {
            "RecordBeforeSave": "before_save", "RecordAfterSave": "after_save", "RecordBeforeDelete": "before_delete",
        }.get(str(self._start.get("triggerType")))  # fmt: skip
        if timing is None or not self._object:
            raise CriteriaError("it is set off by no save of a record")
        if self._start.get("scheduledPaths"):
            raise CriteriaError("it has paths that run later")
        said: Meta = {"timing": timing}
        trigger = str(self._start.get("recordTriggerType") or "")
        if trigger == "Create":
            said["on_update"] = False
        if trigger == "Update":
            said["on_create"] = False
        if flag(self._start, "doesRequireRecordChangedToMeetCriteria"):
            said["only_when_it_becomes_true"] = True
        if str(self._meta.get("label") or self._name) != self._name.replace("_", " "):
            said["label"] = str(self._meta.get("label"))
        if str(self._meta.get("status") or "Active") != "Active":
            said["active"] = False
        self._walk(self._next(self._start), self._entry(), {}, [], said, frozenset())
        if not self._made:
            raise CriteriaError("it does nothing that an org file can say")
        return self._object, self._made

    def _entry(self) -> list[str]:
        if self._start.get("filterFormula"):
            return [self._formula(str(self._start["filterFormula"]))]
        terms = [
            self._compared(str(one.get("field")), str(one.get("operator")), one.get("value"))
            for one in many(self._start.get("filters"))
        ]
        return [combined(terms, str(self._start.get("filterLogic") or ""))] if terms else []

    def _walk(
        self, at: str, held: list[str], updates: Meta, creates: list[Meta], said: Meta, seen: frozenset[str]
    ) -> None:
        if not at:
            self._end(held, updates, creates, said, "")
            return
        kind, element = self._elements.get(at, ("", {}))
        if kind not in _DOES:
            raise CriteriaError(f"its element {at} ({kind or 'not there'}) cannot be said")
        if at in seen:
            raise CriteriaError(f"its element {at} comes again: a loop")
        seen |= {at}
        if kind == "decisions":
            self._decide(element, held, updates, creates, said, seen)
            return
        if kind == "customErrors":
            texts = [str(one.get("errorMessage")) for one in many(element.get("customErrorMessages"))]
            self._end(held, updates, creates, said, " ".join(texts) or "The flow failed.")
            return
        if kind == "recordCreates":
            creates = [*creates, self._new(at, element)]
        else:
            updates = updates | (
                self._assigned(element) if kind == "assignments" else self._written(at, element)
            )
        self._walk(self._next(element), held, updates, creates, said, seen)

    def _decide(
        self,
        element: Meta,
        held: list[str],
        updates: Meta,
        creates: list[Meta],
        said: Meta,
        seen: frozenset[str],
    ) -> None:
        before: list[str] = []
        for rule in many(element.get("rules")):
            terms = [self._met(one, updates) for one in many(rule.get("conditions"))]
            holds = combined(terms, str(rule.get("conditionLogic") or ""))
            away = [f"NOT({one})" for one in before]
            self._walk(self._next(rule), [*held, *away, holds], updates, creates, said, seen)
            before.append(holds)
        other = element.get("defaultConnector")
        target = str(other.get("targetReference") or "") if isinstance(other, dict) else ""
        self._walk(target, [*held, *(f"NOT({one})" for one in before)], updates, creates, said, seen)

    def _end(self, held: list[str], updates: Meta, creates: list[Meta], said: Meta, fails: str) -> None:
        if not (updates or creates or fails):
            return
        if len(self._made) >= _MOST_WAYS:
            raise CriteriaError(f"it has more than {_MOST_WAYS} ways")
        made = dict(said)
        if held:
            made["condition"] = combined(held, "and")
        does: Meta = {"updates": updates, "creates": creates, "fails": fails}
        made |= {key: value for key, value in does.items() if value}
        self._made[self._name if not self._made else f"{self._name}_{len(self._made) + 1}"] = made

    @staticmethod
    def _next(element: Meta) -> str:
        connector = element.get("connector")
        return str(connector.get("targetReference") or "") if isinstance(connector, dict) else ""

    # -- elements

    def _met(self, condition: Meta, updates: Meta) -> str:
        reference = str(condition.get("leftValueReference"))
        hit = _RECORD.fullmatch(reference)
        if hit is None or hit[1]:
            raise CriteriaError(f"a decision about {reference} cannot be said")
        if hit[2] in updates:
            raise CriteriaError(f"a decision about {hit[2]} comes after it was written")
        return self._compared(hit[2], str(condition.get("operator")), condition.get("rightValue"))

    def _compared(self, path: str, operator: str, value: Any) -> str:
        if operator in {"IsNull", "IsBlank"}:
            blank = self._value(value) != "FALSE"
            kind = self._kind(f"{self._object}.{path}")
            said = f'ISPICKVAL({path}, "")' if kind == "picklist" else f"ISBLANK({path})"
            return said if blank else f"NOT({said})"
        if operator == "IsChanged":
            return f"ISCHANGED({path})" if self._value(value) != "FALSE" else f"NOT(ISCHANGED({path}))"
        told = value if isinstance(value, dict) else {}
        if "elementReference" in told and str(told["elementReference"]) not in _GLOBALS:
            signs = {"EqualTo": "=", "NotEqualTo": "<>"}
            if operator not in signs:
                raise CriteriaError(f"{path} {operator} {told['elementReference']} has no formula")
            return f"{path} {signs[operator]} {self._value(value)}"
        plain = next((str(one) for one in told.values()), "")
        return term(path, operator, plain, lambda one: self._kind(f"{self._object}.{one}"))

    def _written(self, name: str, element: Meta) -> Meta:
        values = {
            str(one.get("field")): self._value(one.get("value"))
            for one in many(element.get("inputAssignments"))
        }
        if str(element.get("inputReference") or "") == "$Record":
            return values
        filters = many(element.get("filters"))
        hit = (
            len(filters) == 1 and filters[0].get("field") == "Id" and filters[0].get("operator") == "EqualTo"
        )
        value = filters[0].get("value") if hit else None
        reference = str(value.get("elementReference") or "") if isinstance(value, dict) else ""
        found = re.fullmatch(r"\$Record\.(\w+)", reference)
        if found is None:
            raise CriteriaError(
                f"its element {name} updates other records than the one saved and its parents"
            )
        lookup = found[1]
        parent = lookup.removesuffix("__c") + "__r" if lookup.endswith("__c") else lookup.removesuffix("Id")
        if not parent:
            return values
        return {f"{parent}.{field}": formula for field, formula in values.items()}

    def _assigned(self, element: Meta) -> Meta:
        made: Meta = {}
        for one in many(element.get("assignmentItems")):
            hit = re.fullmatch(r"\$Record\.(\w+)", str(one.get("assignToReference")))
            if hit is None or one.get("operator") != "Assign":
                raise CriteriaError(f"the assignment {element.get('name')} is not to a field of the record")
            made[hit[1]] = self._value(one.get("value"))
        return made

    def _new(self, name: str, element: Meta) -> Meta:
        if not element.get("object") or element.get("inputReference"):
            raise CriteriaError(f"its element {name} creates what was put together elsewhere")
        values = {
            str(one.get("field")): self._value(one.get("value"))
            for one in many(element.get("inputAssignments"))
        }
        return {"sobject": str(element["object"]), "values": values}

    # -- values

    def _value(self, value: Any) -> str:
        told = value if isinstance(value, dict) else {}
        for kind, given in told.items():
            if kind == "stringValue":
                return self._text(str(given))
            if kind == "booleanValue":
                return "TRUE" if str(given).lower() == "true" else "FALSE"
            if kind == "numberValue":
                return str(given)
            if kind == "dateValue":
                year, month, day = str(given)[:10].split("-")
                return f"DATE({int(year)}, {int(month)}, {int(day)})"
            if kind == "elementReference":
                return self._reference(str(given))
            raise CriteriaError(f"a value of kind {kind} cannot be said")
        return '""'

    def _text(self, text: str) -> str:
        """A text in which ``{!$Record.Name}`` stands for a value."""
        parts, at = [], 0
        for hit in _MERGE.finditer(text):
            if hit.start() > at:
                parts.append(quoted(text[at : hit.start()]))
            parts.append(self._reference(hit[1]))
            at = hit.end()
        if at < len(text) or not parts:
            parts.append(quoted(text[at:]))
        return " & ".join(parts)

    def _reference(self, reference: str) -> str:
        hit = _RECORD.fullmatch(reference)
        if hit is not None:
            return f"PRIORVALUE({hit[2]})" if hit[1] else hit[2]
        if reference in _GLOBALS:
            return _GLOBALS[reference]
        if reference.startswith(("$User.", "$Profile.", "$UserRole.")):
            return reference
        if reference in self._constants:
            return self._value(self._constants[reference])
        if reference in self._formulas:
            return f"({self._formula(self._formulas.pop(reference))})"
        raise CriteriaError(f"{reference} is not known where automation of a record is")

    def _formula(self, text: str) -> str:
        kept = dict(self._formulas)  # one that uses itself ends here
        said = _MERGE.sub(lambda hit: self._reference(hit[1]), text)
        self._formulas = kept
        return _RECORD.sub(lambda hit: self._reference(hit[0]), said)
