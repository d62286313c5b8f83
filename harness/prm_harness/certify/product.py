"""product.yaml: what is certified, as its vendor states it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from prm_harness.record.model import Model
from prm_harness.scoring.profiles.source import Source, read_yaml


class ProductError(ValueError):
    """A product file that cannot be used. One line: which file and key, what is wrong."""


class Product(Model):
    """The claim, in the way of the Kubernetes conformance programme's PRODUCT.yaml."""

    vendor: str = Field(min_length=1)
    product: str = Field(min_length=1)
    version: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://\S+$", description="where buyers read about it")
    type: Literal["hosted", "installable", "in-platform"]
    contact: str = Field(min_length=3, description="who answers questions about this certificate")
    description: str = ""


def parse_product(name: str, content: bytes) -> Product:
    """The content of a product file called ``name``.

    Raises:
        ProductError: not YAML, a key missing, unknown or of the wrong form.
    """
    source = Source(name)
    try:
        given = read_yaml(source, content, start="vendor: My company")
        source.known("", given, Product.model_fields, "keys")
        return Product.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ProductError(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ValueError as error:
        raise ProductError(str(error)) from None
