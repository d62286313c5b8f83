"""Addresses of the User Interface API."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.ui_api import batches, defaults, layouts, object_info, records

_UI: Final = "/services/data/{version}/ui-api"
_INFO: Final = f"{_UI}/object-info/{{sobject}}"
_GET: Final = ("GET",)

UI_API_ROUTES: Final = (
    Route("schema.ui_api.object_info", _GET, f"{_UI}/object-info", batches.directory),
    Route("schema.ui_api.object_info", _GET, f"{_UI}/object-info/batch/{{names}}", batches.object_infos),
    Route("schema.ui_api.object_info", _GET, _INFO, object_info.object_info),
    Route("schema.ui_api.layout", _GET, f"{_UI}/layout/{{sobject}}", layouts.layout, "partly",
          "one layout, generated; the same at any size"),
    Route("schema.ui_api.defaults", _GET, f"{_UI}/record-defaults/create/{{sobject}}", defaults.create),
    Route("schema.ui_api.defaults", _GET, f"{_UI}/record-defaults/template/create/{{sobject}}", defaults.create),
    Route("read.ui_api.defaults", _GET, f"{_UI}/record-defaults/clone/{{id}}", defaults.clone),
    Route("read.ui_api.defaults", _GET, f"{_UI}/record-defaults/template/clone/{{id}}", defaults.clone),
    Route("schema.ui_api.picklist_values", _GET, f"{_INFO}/picklist-values/{{record_type}}",
          object_info.picklist_values),
    Route("schema.ui_api.picklist_values", _GET, f"{_INFO}/picklist-values/{{record_type}}/{{field}}",
          object_info.picklist_values_of_field),
    Route("read.ui_api.record", _GET, f"{_UI}/records/{{id}}", records.read, "partly", "no child relationships"),
    Route("read.ui_api.record", _GET, f"{_UI}/records/batch/{{ids}}", batches.records, "partly",
          "no child relationships"),
    Route("write.ui_api.create", ("POST",), f"{_UI}/records", records.create),
    Route("write.ui_api.update", ("PATCH",), f"{_UI}/records/{{id}}", records.update),
    Route("write.ui_api.delete", ("DELETE",), f"{_UI}/records/{{id}}", records.delete),
    Route("read.ui_api.record_ui", _GET, f"{_UI}/record-ui/{{ids}}", records.record_ui, "partly",
          "one layout, generated; no user states"),
    Route("read.ui_api", ("*",), f"{_UI}/{{*}}", None, "no", "the rest of the User Interface API"),
)  # fmt: skip
