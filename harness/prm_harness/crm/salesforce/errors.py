"""Salesforce's error bodies. Key order and the presence of ``fields`` carry meaning (contract §6)."""

from __future__ import annotations

import logging
from typing import Any, Final, NoReturn

from prm_harness.crm.backend import BUG, GAP
from prm_harness.crm.org.declared import Match, OnDuplicate
from prm_harness.crm.org.effects.duplicates import DuplicatesError
from prm_harness.crm.org.errors import Fault, NotFoundError, OrgError, PayloadError, SaveError
from prm_harness.crm.salesforce.http import Request, Response, json_response

_log: Final = logging.getLogger(__name__)

NO_SUCH_RESOURCE = "The requested resource does not exist"


class WireError(Exception):
    """A request that is answered with an error. ``body`` is the whole JSON body."""

    def __init__(self, status: int, body: Any, *, code: str, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.code = code
        self.headers = headers or {}
        super().__init__(f"{status} {code}")

    def response(self) -> Response:
        """The answer."""
        answer = json_response(self.body, self.status, self.headers)
        answer.error_code = self.code
        return answer


def routing_error(status: int, code: str, message: str) -> WireError:
    """404, 405 and newer resources: ``errorCode`` first, no ``fields``."""
    return WireError(status, [{"errorCode": code, "message": message}], code=code)


def request_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> WireError:
    """Parse, query and session errors: ``message`` first, no ``fields``."""
    return WireError(status, [{"message": message, "errorCode": code}], code=code, headers=headers)


def record_error(status: int, *faults: Fault) -> WireError:
    """Errors about a record: ``message, errorCode, fields``, the last always there."""
    body = [{"message": f.message, "errorCode": f.code, "fields": list(f.fields)} for f in faults]
    return WireError(status, body, code=faults[0].code)


def not_found() -> WireError:
    """What every unknown address, object and version gets."""
    return routing_error(404, "NOT_FOUND", NO_SUCH_RESOURCE)


def gap(what: str) -> WireError:
    """Salesforce answers this; the sandbox does not. Never the vendor's fault."""
    return routing_error(501, GAP, f"The sandbox does not implement {what}.")


def crashed(request: Request, error: Exception) -> WireError:
    """The sandbox itself is broken: said on the log with where, and to the client by a code that no other answer has."""
    words = f"{type(error).__name__} ({error})"
    _log.error("SANDBOX_BUG: %s %s crashed with %s", request.method, request.path, words, exc_info=error)
    return routing_error(500, BUG, f"The sandbox crashed with {words}; please report it.")


def session_invalid() -> WireError:
    """Bad or expired token (contract §1.2)."""
    return request_error(
        401, "INVALID_SESSION_ID", "Session expired or invalid", {"WWW-Authenticate": "Token"}
    )


def refuse_key_field(segment: str) -> NoReturn:
    """A path segment that is neither an id nor a usable key field (contract §5)."""
    raise routing_error(
        404, "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {segment}"
    )


def _duplicates(match: Match, base: str) -> dict[str, Any]:
    """What a duplicate rule found; the key really is spelt so (contract §6.2)."""
    found = {row["Id"]: row for row in match.records}
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": match.entity, "url": f"{base}/sobjects/{match.entity}/{record_id}"},
                **(found.get(record_id) or {"Id": record_id}),
            },
        }
        for record_id in match.ids
    ]
    result = {
        "entityType": match.entity,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine" if match.rule.fuzzy else "ExactMatchEngine",
        "matchRecords": records,
        "rule": match.rule.matching_rule,
        "size": len(records),
        "success": True,
    }
    return {
        "duplicateResut": {
            "allowSave": match.action is OnDuplicate.ALERT,
            "duplicateRule": match.rule.name,
            "duplicateRuleEntityType": match.owner,
            "errorMessage": match.rule.message,
            "matchResults": [result],
        },
        "errorCode": "DUPLICATES_DETECTED",
        "message": match.rule.message,
    }


def of_org(error: OrgError, base: str = "/services/data/v60.0") -> WireError:
    """The org's refusal of a whole request, in the shape that its kind has on the wire.

    ``base`` is what addresses of records begin with.
    """
    first = error.faults[0]
    if isinstance(error, DuplicatesError):
        return WireError(400, [_duplicates(error.match, base)], code=first.code)
    if first.code == "NOT_FOUND":
        return routing_error(404, first.code, first.message)
    if isinstance(error, PayloadError):
        return request_error(400, first.code, first.message)
    if isinstance(error, NotFoundError):
        return record_error(404, *error.faults)
    if isinstance(error, SaveError):
        return record_error(404 if first.code == "ENTITY_IS_DELETED" else 400, *error.faults)
    return request_error(400, first.code, first.message)


def item_errors(error: OrgError | WireError) -> list[dict[str, Any]]:
    """The errors of one row of a collection: ``statusCode, message, fields``."""
    if isinstance(error, OrgError):
        return [{"statusCode": f.code, "message": f.message, "fields": list(f.fields)} for f in error.faults]
    return [
        {"statusCode": entry["errorCode"], "message": entry["message"], "fields": entry.get("fields", [])}
        for entry in error.body
    ]
