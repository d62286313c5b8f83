"""What stands in the file, part by part. docs/reference/adapter-rest.md is written from this."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from prm_harness.adapter.declared.identity import Identity, Part
from prm_harness.adapter.declared.notation import Notation

from .paths import parsed

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def _path(value: Any) -> Any:
    if isinstance(value, str):
        parsed(value)
    return value


Path = Annotated[str, BeforeValidator(_path)]
"""A place in a JSON payload (paths.py)."""


class Request(Part):
    """One request; all texts may hold placeholders. In short: ``GET /deals/{id}``."""

    method: Method = "GET"
    path: str = Field(min_length=1, description="under base_url; or a whole address of the same host")
    query: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    json_: Any = Field(
        default=None,
        alias="json",
        description='body as JSON; `{fields}` is what is written, and pours its members out under the key "..."',
    )
    form: dict[str, Any] | None = Field(default=None, description="body as a form, instead of JSON")


def _request(value: Any) -> Any:
    if isinstance(value, str):
        method, space, path = value.partition(" ")
        return {"method": method, "path": path} if space else {"path": value}
    return value


AnyRequest = Annotated[Request, BeforeValidator(_request)]


class Where(Part):
    """Something that an answer is recognised by."""

    status: tuple[int, ...] | int | None = None
    path: Path | None = None
    equals: Any = None
    in_: tuple[Any, ...] | None = Field(default=None, alias="in")
    exists: bool | None = None


class ErrorPattern(Where):
    """An answer that is a refusal, whatever its status says: an error inside a 200, too."""

    messages: tuple[Path, ...] | Path = ()
    meaning: Literal["refused", "absent", "not_supported", "fault"] = "refused"


class Token(Part):
    """A request that answers with a token, for products with a login of their own."""

    request: AnyRequest
    token: Path = "access_token"  # noqa: S105 - the name of a place
    seconds: Path | None = Field(default=None, description="where the answer says how long it is good")


class Auth(Part):
    """How the product knows who asks. Secrets come from the environment: ``${NAME}``."""

    type: Literal["none", "basic", "bearer", "api_key", "oauth2", "session"] = "none"
    username: str = ""
    password: str = Field(default="", repr=False)
    token: str = Field(default="", repr=False, description="bearer: the token itself")
    key: str = Field(default="", repr=False, description="api_key: the key itself")
    name: str = Field(default="Authorization", description="api_key, session: the header or query parameter")
    prefix: str = Field(default="", description="api_key, session: what stands before it, e.g. 'prm-key '")
    place: Literal["header", "query"] = "header"
    grant: Literal["client_credentials", "password", "refresh_token"] = "client_credentials"
    token_url: str = ""
    client_id: str = ""
    client_secret: str = Field(default="", repr=False)
    refresh_token: str = Field(default="", repr=False)
    scope: str = ""
    client_as: Literal["body", "basic"] = Field(
        default="body", description="oauth2: where the client's secret goes"
    )
    extra: dict[str, str] = Field(default_factory=dict, description="oauth2: more form fields, e.g. audience")
    session: Token | None = None

    @model_validator(mode="after")
    def _whole(self) -> Auth:
        needed = {
            "basic": ("username", "password"), "bearer": ("token",), "api_key": ("key",), "oauth2": ("token_url",),
            "session": ("session",),
        }.get(self.type, ())  # fmt: skip
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"auth of type {self.type} needs {name!r}")
        return self


class Throttling(Part):
    """How the product says "not so fast", and how this adapter obliges."""

    codes: tuple[int, ...] = Field(default=(429, 503), description="some products answer 406")
    retry_after: str = Field(default="Retry-After", description="header with seconds or a date")
    wait_seconds: float = Field(
        default=2, gt=0, description="first wait without that header; doubled each time"
    )
    longest_wait_seconds: float = Field(default=120, gt=0)
    attempts: int = Field(default=6, ge=1, le=20)
    requests_per_minute: float | None = Field(
        default=None, gt=0, description="the documented limit, kept beforehand"
    )


class Paging(Part):
    """How a list goes on."""

    style: Literal["none", "offset", "page", "cursor", "link"] = "none"
    size: int = Field(default=100, ge=1)
    limit: str = Field(
        default="", description="query parameter for the page size; empty: it cannot be asked for"
    )
    offset: str = Field(default="offset", description="offset: query parameter")
    page: str = Field(default="page", description="page: query parameter")
    first: int = Field(default=1, description="page: number of the first one")
    total: Path | None = Field(
        default=None, description="offset, page: where the answer says how many there are"
    )
    cursor: str = Field(default="cursor", description="cursor: query parameter")
    next: Path | None = Field(default=None, description="cursor: the next cursor; link: the next address")
    last: Path | None = Field(
        default=None, description="cursor: place in the last record instead, e.g. its key"
    )
    more: Path | None = Field(default=None, description="cursor: a flag that there is more")

    @model_validator(mode="after")
    def _whole(self) -> Paging:
        if self.style == "cursor" and not (self.next or self.last):
            raise ValueError("paging by cursor needs `next` or `last`")
        if self.style == "cursor" and self.last and not self.more:
            raise ValueError(
                "paging by the last record needs `more`, the flag that says whether there is any"
            )
        return self


class Place(Part):
    """A field's place in the product's payload."""

    path: Path
    values: dict[str, Any] = Field(default_factory=dict, description="CRM value → the product's own value")
    notation: Notation | None = Field(
        default=None, description="how the product writes it, where that is not ISO"
    )
    read: bool = True
    write: bool = True


def _place(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


AnyPlace = Annotated[Place, BeforeValidator(_place)]


class Listing(Part):
    """A request for several records."""

    request: AnyRequest
    records: Path = Field(default="", description="where the list is; empty: the answer is the list")
    paging: Paging | None = Field(default=None, description="when it differs from the file's")


class Writing(Part):
    """A request that writes one record."""

    request: AnyRequest
    id: Path | None = Field(
        default=None, description="where the answer has the record's id; default: the kind's"
    )
    record: Path = Field(default="", description="where the answer has the record")
    held: Where | None = Field(default=None, description="an answer that means: it waits for somebody")


class PartnerOf(Part):
    """How a record names its partner: the product's own id of the partner, or the CRM's."""

    path: Path
    kind: str | None = Field(
        default=None, description="kind whose record with the CRM id is the partner; its id is sent"
    )


class Kind(Part):
    """One kind of record: where it is, and what it is called."""

    id: Path = "id"
    crm_id: Path | None = None
    fields: dict[str, AnyPlace] = Field(
        default_factory=dict, description="CRM field API name → place in the payload"
    )
    same_names_at: Path | None = Field(
        default=None,
        description="an object whose members have the CRM's own field names; fields that are not named above are there",
    )
    constants: dict[str, Any] = Field(
        default_factory=dict, description="place → value, sent with every create"
    )
    partner: PartnerOf | None = None
    list: Listing
    read: AnyRequest | None = Field(
        default=None, description="by the product's id; default: the list is searched"
    )
    record: Path = Field(default="", description="where an answer to `read` has the record")
    find_by_crm_id: Listing | None = None
    find_by_name: Listing | None = None
    list_as: Listing | None = None
    create: Writing | None = None
    update: Writing | None = None
    delete: Writing | None = None
    undelete: Writing | None = None


class Operation(Part):
    """An operation of the contract as one request, and how its answer becomes the contract's record."""

    request: AnyRequest
    records: Path | None = Field(
        default=None, description="operations that answer with several: where the list is"
    )
    result: dict[str, AnyPlace] | AnyPlace | None = Field(
        default=None, description="the record's members, each with its place in the answer"
    )
    constants: dict[str, Any] = Field(default_factory=dict, description="members that are always the same")


class Connecting(Part):
    """How the product is told about the CRM: by requests, or by a person with these instructions."""

    requests: tuple[AnyRequest, ...] = ()
    person: str = ""


class RestFile(Identity):
    """The whole file."""

    base_url: str = Field(min_length=1)
    headers: dict[str, str] = Field(
        default_factory=dict, description="sent with every request, e.g. the tenant's"
    )
    auth: Auth = Auth()
    timeout_seconds: float = Field(default=30, gt=0)
    throttling: Throttling = Throttling()
    paging: Paging = Paging()
    errors: tuple[ErrorPattern, ...] = ()
    kinds: dict[str, Kind] = Field(min_length=1)
    connect: Connecting = Connecting()
    disconnect: tuple[AnyRequest, ...] = ()
    setup_requests: dict[str, AnyRequest] = Field(
        default_factory=dict,
        description="setup step id → the request that does it; others are confirmed by a person",
    )
    operations: dict[str, Operation] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> RestFile:
        if self.deal_target not in self.kinds:
            raise ValueError(
                f"deal_target {self.deal_target!r} is none of the kinds: {', '.join(self.kinds)}"
            )
        for name, kind in self.kinds.items():
            if kind.partner and kind.partner.kind and kind.partner.kind not in self.kinds:
                raise ValueError(f"kinds.{name}.partner.kind {kind.partner.kind!r} is none of the kinds")
        for name in self.setup_requests:
            if name not in {step.id for step in self.setup}:
                raise ValueError(f"setup_requests names {name!r}, which is no step of `setup`")
        return self
