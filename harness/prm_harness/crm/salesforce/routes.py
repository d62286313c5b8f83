"""Every address that the sandbox knows: the routing table, and the coverage table of the documentation.

What is below an API version and not here answers 404, as an unknown resource does; what Salesforce has and the
sandbox has not is listed with ``implemented="no"`` and answers 501 ``SANDBOX_GAP``.
"""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce import absent, limits, query, versions
from prm_harness.crm.salesforce.bulk import routes as bulk
from prm_harness.crm.salesforce.describing import describe, layouts
from prm_harness.crm.salesforce.metadata.rest import METADATA_ROUTES
from prm_harness.crm.salesforce.oauth.routes import OAUTH_ROUTES
from prm_harness.crm.salesforce.pages.routes import PAGE_ROUTES
from prm_harness.crm.salesforce.records import changes, recent, related, rows
from prm_harness.crm.salesforce.router import Route, Router
from prm_harness.crm.salesforce.searching import search
from prm_harness.crm.salesforce.soap.routes import SOAP_ROUTES
from prm_harness.crm.salesforce.streaming.routes import EVENT_ROUTES, STREAMING_ROUTES
from prm_harness.crm.salesforce.together import collections, composite, graph, tree
from prm_harness.crm.salesforce.tooling.routes import TOOLING_ROUTES
from prm_harness.crm.salesforce.ui_api import defaults
from prm_harness.crm.salesforce.ui_api.routes import UI_API_ROUTES

_DATA: Final = "/services/data/{version}"
_X: Final = f"{_DATA}/sobjects/{{sobject}}"
_GET: Final = ("GET",)
_POST: Final = ("POST",)
_ANY: Final = ("*",)


def _missing(name: str, template: str, note: str, *, public: bool = False) -> Route:
    return Route(name, _ANY, template, None, "no", note, public=public)


ROUTES: Final = (
    # logging in
    *OAUTH_ROUTES,
    *SOAP_ROUTES,
    # the API itself
    Route("meta.versions", _GET, "/services/data", versions.versions, public=True),
    Route("meta.resources", _GET, _DATA, versions.resources),
    Route("meta.limits", _GET, f"{_DATA}/limits", limits.limits, "partly", "only DailyApiRequests is metered"),
    Route("meta.record_count", _GET, f"{_DATA}/limits/recordCount", limits.record_count),
    # schema
    Route("schema.global", _GET, f"{_DATA}/sobjects", describe.global_describe),
    Route("schema.basic", _GET, _X, describe.basic, "partly", "recent items are those last changed by the caller"),
    Route("schema.describe", _GET, f"{_X}/describe", describe.describe),
    Route("schema.layouts", _GET, f"{_X}/describe/layouts", layouts.layouts, "partly", "one layout, generated"),
    Route("schema.layouts", _GET, f"{_X}/describe/layouts/{{record_type}}", layouts.layout, "partly",
          "one layout, generated"),
    Route("schema.layouts.compact", _GET, f"{_X}/describe/compactLayouts", layouts.compact_layouts, "partly",
          "the system's own only"),
    Route("schema.layouts.compact", _GET, f"{_X}/describe/compactLayouts/primary", layouts.primary_compact_layout,
          "partly", "the system's own only"),
    Route("schema.layouts.compact", _GET, f"{_DATA}/compactLayouts", layouts.primary_compact_layouts, "partly",
          "the system's own only"),
    Route("schema.layouts.approval", _GET, f"{_X}/describe/approvalLayouts", layouts.approval_layouts, "partly",
          "always none"),
    _missing("schema.layouts", f"{_X}/describe/{{*}}", "single approval layouts, compact ones by id, named layouts"),
    *PAGE_ROUTES,
    *EVENT_ROUTES,
    Route("schema.default_values", _GET, f"{_X}/defaultValues", defaults.default_values, "partly",
          "the vendor does not document the answer: as that of quick actions"),
    # change feeds by range
    Route("read.changes.updated", _GET, f"{_X}/updated", changes.updated),
    Route("read.changes.deleted", _GET, f"{_X}/deleted", changes.deleted),
    # rows
    Route("write.row.create", _POST, _X, rows.create),
    Route("write.row.create", _POST, f"{_X}/Id", rows.create_by_id_key),
    Route("read.row", _GET, f"{_X}/{{id}}", rows.read),
    Route("write.row.update", ("PATCH",), f"{_X}/{{id}}", rows.update),
    Route("write.row.delete", ("DELETE",), f"{_X}/{{id}}", rows.delete),
    Route("read.row", _GET, f"{_X}/{{field}}/{{value}}", related.read, note="by key field; blobs; relationships"),
    Route("write.row.upsert", ("PATCH",), f"{_X}/{{field}}/{{value}}", related.change,
          note="by key field; relationships"),
    Route("write.row.delete", ("DELETE",), f"{_X}/{{field}}/{{value}}", related.remove,
          note="by key field; relationships"),
    Route("read.row", _GET, f"{_X}/{{field}}/{{value}}/{{*}}", related.read_along, note="a parent's parents"),
    # queries
    Route("read.query", _GET, f"{_DATA}/query", query.query, "partly",
          "explain of a SOQL text only; also EntityDefinition, FieldDefinition, EntityParticle, PicklistValueInfo, ListView"),
    Route("read.query.all", _GET, f"{_DATA}/queryAll", query.query_all, "partly", "explain of a SOQL text only"),
    Route("read.query.more", _GET, f"{_DATA}/query/{{locator}}", query.more),
    Route("read.query.more", _GET, f"{_DATA}/queryAll/{{locator}}", query.more),
    Route("read.search", _GET, f"{_DATA}/search", search.search, "partly",
          "no divisions, data categories, networks, list views and snippets of cases; found as soon as saved"),
    Route("read.search", ("GET", "POST"), f"{_DATA}/parameterizedSearch", search.parameterized, "partly",
          "as search; no spelling correction"),
    _missing("read.search", f"{_DATA}/search/{{*}}", "suggestions, scope order, result layouts"),
    # several rows or requests at once
    Route("write.collection.create", _POST, f"{_DATA}/composite/sobjects", collections.create),
    Route("write.collection.update", ("PATCH",), f"{_DATA}/composite/sobjects", collections.update),
    Route("write.collection.delete", ("DELETE",), f"{_DATA}/composite/sobjects", collections.delete),
    Route("read.collection", ("GET", "POST"), f"{_DATA}/composite/sobjects/{{sobject}}", collections.retrieve),
    Route("write.collection.upsert", ("PATCH",), f"{_DATA}/composite/sobjects/{{sobject}}/{{field}}",
          collections.upsert),
    Route("write.composite", _POST, f"{_DATA}/composite", composite.composite, classify=composite.classify),
    Route("write.composite.batch", _POST, f"{_DATA}/composite/batch", composite.batch, classify=composite.classify),
    Route("write.composite.graph", _POST, f"{_DATA}/composite/graph", graph.graph),
    Route("write.composite.tree", _POST, f"{_DATA}/composite/tree/{{sobject}}", tree.tree),
    # what Salesforce has besides
    *bulk.ROUTES,
    *STREAMING_ROUTES,
    *TOOLING_ROUTES,
    *METADATA_ROUTES,
    *UI_API_ROUTES,
    Route("write.apex", _ANY, "/services/apexrest/{*}", absent.apex, "partly", "there is no Apex: nothing ever matches"),
    Route("write.actions", _POST, f"{_DATA}/actions/standard/convertLead", absent.convert_lead,
          note="not an action there either; leads are converted by SOAP"),
    _missing("write.actions", f"{_DATA}/actions/{{*}}", "invocable actions"),
    Route("meta.recent", _GET, f"{_DATA}/recent", recent.recent, "partly", "rows last changed by the caller"),
    _missing("meta.tabs", f"{_DATA}/tabs/{{*}}", "tabs"),
    _missing("meta.connect", f"{_DATA}/connect/{{*}}", "Connect API"),
    _missing("meta.chatter", f"{_DATA}/chatter/{{*}}", "Chatter"),
    _missing("read.analytics", f"{_DATA}/analytics/{{*}}", "reports and dashboards"),
    _missing("meta.process", f"{_DATA}/process/{{*}}", "approval processes and process rules"),
    _missing("meta.event", f"{_DATA}/event/{{*}}", "event series, and event schemas without an id"),
    _missing("read.async_query", f"{_DATA}/async-queries/{{*}}", "asynchronous SOQL"),
    _missing("meta.licensing", f"{_DATA}/licensing/{{*}}", "licensing"),
    _missing("meta.theme", f"{_DATA}/theme/{{*}}", "themes"),
    _missing("meta.eclair", f"{_DATA}/eclair/{{*}}", "Eclair geodata"),
    _missing("meta.folders", f"{_DATA}/folders/{{*}}", "folders"),
    _missing("meta.support", f"{_DATA}/support/{{*}}", "embedded support"),
    _missing("meta.wave", f"{_DATA}/wave/{{*}}", "CRM Analytics"),
)  # fmt: skip

ROUTER: Final = Router(ROUTES)
