"""One request on its way through the wire: who asks, at which version, what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import orjson

from prm_harness.crm.backend import BUG, GAP
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.org.standard.elsewhere import lacking
from prm_harness.crm.salesforce.errors import WireError, gap, not_found, request_error
from prm_harness.crm.salesforce.http import LARGEST_TEXT, Request, Response
from prm_harness.crm.salesforce.json_faults import message_of, unexpected
from prm_harness.crm.salesforce.refusing import Refusal, refusing

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org
    from prm_harness.crm.salesforce.wire import Wire

NO_BODY: Final = "The HTTP entity body is required, but this request has no entity body."

Handler = Callable[["Call"], Response]


@dataclass(slots=True)
class Tally:
    """What the request log keeps about a request besides its answer; composite parts share their outer one."""

    rows_in: int = 0
    rows_out: int = 0
    soql: list[str] = field(default_factory=list)
    client: str = ""
    """How the client calls itself inside the body; SOAP has a header for that."""
    background: bool = False
    """Whether the org works on after the answer, as bulk jobs do."""
    refusal: Refusal | None = None
    """What a fault refuses rows with."""
    part_errors: list[str] = field(default_factory=list)
    """Codes of refused rows and parts inside an answer that is itself a 200."""

    @property
    def error_code(self) -> str:
        """The code that the whole request is known by: a crash or a gap if there was one, else the first refusal."""
        ours = (code for code in (BUG, GAP) if code in self.part_errors)
        return next(ours, next(iter(self.part_errors), ""))


@dataclass
class Call:
    """What a handler is given."""

    wire: Wire
    request: Request
    args: dict[str, str]
    user: str = ""
    tally: Tally = field(default_factory=Tally)

    @property
    def org(self) -> Org:
        """The org behind the wire, as the caller sees it."""
        org = self.wire.org.seen_by(self.user)
        return org if self.tally.refusal is None else refusing(org, self.tally.refusal)

    @cached_property
    def params(self) -> dict[str, str]:
        """Query parameters."""
        return self.request.params

    @property
    def version(self) -> str:
        """API version of the address, such as ``60.0``."""
        return self.args["version"].lower().removeprefix("v")

    @property
    def base(self) -> str:
        """Path of this API version, which answers' own links begin with."""
        return f"/services/data/v{self.version}"

    def record_url(self, sobject: str, record_id: str) -> str:
        """The address in a record's ``attributes.url``."""
        return f"{self.base}/sobjects/{sobject}/{record_id}"

    def sobject(self, name: str = "") -> SObjectType:
        """The object that the address (or ``name``) names, case-insensitively.

        Raises:
            WireError: 404, as for any unknown resource; 501 for what every org has and the sandbox has not.
        """
        asked = name or self.args["sobject"]
        found = self.org.schema.get(asked)
        if found is None:
            known = lacking(asked, self.org.schema)
            raise gap(f"the object {known}") if known else not_found()
        return found

    def json(self) -> Any:
        """The parsed body.

        Raises:
            WireError: 400 ``JSON_PARSER_ERROR``: no body, or not JSON; 413: more of it than 50 MB.
        """
        body = self.request.body
        if len(body) > LARGEST_TEXT:
            message = f"Maximum size of request reached. Maximum size of request is {LARGEST_TEXT} bytes."
            raise request_error(413, "EXCEEDED_MAX_SIZE_REQUEST", message)
        if not body.strip():
            raise request_error(400, "JSON_PARSER_ERROR", NO_BODY)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise request_error(400, "JSON_PARSER_ERROR", message_of(body, error)) from None

    def json_object(self) -> dict[str, Any]:
        """The parsed body, which has to be an object."""
        value = self.json()
        if not isinstance(value, dict):
            raise self.unexpected()
        return value

    def unexpected(self, *path: str | int) -> WireError:
        """The refusal of a value in the body that is of another kind than it has to be; no path: the body's own."""
        return request_error(400, "JSON_PARSER_ERROR", unexpected(self.request.body, *path))

    def flag(self, name: str) -> bool:
        """A boolean query parameter, false by default."""
        return self.params.get(name, "").lower() == "true"
