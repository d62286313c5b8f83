"""What stands in a ``manual:`` file: what the portal calls things, and how a person gets at them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from prm_harness.adapter.declared.identity import Identity, Part
from prm_harness.adapter.declared.notation import Notation


class Column(Part):
    """A field as the portal labels it, on its forms and in the header of its exports."""

    label: str = Field(min_length=1)
    values: dict[str, str] = Field(default_factory=dict, description="CRM value → what the portal shows")
    notation: Notation | None = None


def _column(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


class ManualKind(Part):
    """One kind of record in the portal."""

    label: str = Field(min_length=1, description="what the portal calls it, e.g. 'Deal registration'")
    fields: dict[str, Annotated[Column, BeforeValidator(_column)]] = Field(
        min_length=1, description="CRM field API name → the portal's label"
    )
    id_column: str = Field(default="ID", description="the column of exports with the portal's own id")
    crm_id_column: str = ""
    delimiter: str = Field(default=",", min_length=1, max_length=1)


class ManualFile(Identity):
    """The whole file."""

    kinds: dict[str, ManualKind] = Field(min_length=1)
    instructions: dict[str, str] = Field(
        default_factory=dict,
        description="operation → how it is done in this product; an optional operation named here is reached",
    )

    @model_validator(mode="after")
    def _whole(self) -> ManualFile:
        if self.deal_target not in self.kinds:
            raise ValueError(
                f"deal_target {self.deal_target!r} is none of the kinds: {', '.join(self.kinds)}"
            )
        return self


def unknown_product() -> ManualFile:
    """What ``manual:`` without a file starts from: the usual fields under their usual names."""
    return ManualFile(
        vendor="Unknown",
        product="A portal operated by hand",
        version="unknown",
        cycle_seconds=900,
        kinds={
            "Opportunity": ManualKind(
                label="Deal",
                fields={
                    "Name": Column(label="Deal name"),
                    "StageName": Column(label="Stage"),
                    "Amount": Column(label="Amount"),
                    "CloseDate": Column(label="Close date"),
                    "Description": Column(label="Description"),
                },
            )
        },
    )
