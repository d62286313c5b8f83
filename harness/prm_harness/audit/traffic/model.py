"""What is wanted of the traffic, and how it can go wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

CASSETTE: Final = "adapter.yaml"
PRODUCT: Final = "product.ndjson"
CIRCUMSTANCES: Final = "recording.json"


class TrafficError(Exception):
    """A recording that cannot be used or must not be written; one line that says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Record the adapter's traffic into ``folder``, or replay it from there."""

    folder: Path
    mode: Literal["record", "replay"]

    @property
    def cassette(self) -> Path:
        """Requests of the adapter to the product, with their answers."""
        return self.folder / CASSETTE

    @property
    def product(self) -> Path:
        """Requests of the product to the CRM, in between."""
        return self.folder / PRODUCT

    def circumstances(self, seed: int, begin: datetime) -> datetime:
        """Where the clock of the CRM starts: in a replay where it did when it was recorded, with the same records.

        Raises:
            TrafficError: the recording was made with another seed, or does not say.
        """
        file = self.folder / CIRCUMSTANCES
        if self.mode == "record":
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"seed": seed, "begin": begin.isoformat()}) + "\n", encoding="utf-8")
            return begin
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            recorded_seed, recorded_begin = int(kept["seed"]), datetime.fromisoformat(kept["begin"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrafficError(f"{file} cannot be read ({error}); record again") from None
        if recorded_seed != seed:
            raise TrafficError(
                f"{self.folder} was recorded with seed {recorded_seed}, not {seed}: other records, other requests; "
                f"use --seed {recorded_seed}"
            )
        return recorded_begin


def traffic_wanted(record: Path | None, replay: Path | None) -> Traffic | None:
    """What two options ask for.

    Raises:
        TrafficError: they contradict each other, or there is no recording.
    """
    if record and replay:
        raise TrafficError(
            "--prm-record and --prm-replay exclude each other; record first, replay afterwards"
        )
    if record:
        return Traffic(record, "record")
    if replay is None:
        return None
    if not (replay / CASSETTE).is_file():
        raise TrafficError(f"{replay} holds no recording ({CASSETTE}); make one with --prm-record {replay}")
    return Traffic(replay, "replay")
