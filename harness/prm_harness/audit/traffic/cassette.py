"""The adapter's half: its requests to the product and their answers, kept by vcrpy and cleaned at capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.matchers import body, method, uri
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serializers import yamlserializer

from .cleaning import Cleaner
from .model import Traffic, TrafficError
from .product import ProductTape


class ReplayMissError(Exception):
    """The adapter asks for something that is not in the recording, as the message explains."""


class _Tape(Cassette):  # type: ignore[misc]
    """A cassette that says why a request is not in it, and lets the product do its part before each answer."""

    product: ProductTape
    cleaner: Cleaner

    @property
    def begun(self) -> int:
        """Exchanges that are over."""
        return len(self.data) if self.record_mode == RecordMode.ALL else int(self.play_count)

    def can_play_response_for(self, request: Request) -> bool:
        """Whether it can be replayed; a read that is asked for more often than recorded gets the last answer again.

        Raises:
            ReplayMissError: it cannot, in a replay.
        """
        if self.record_mode == RecordMode.ALL:
            return False
        cleaned = self.filter_request(request)
        if cleaned is None:
            return False
        recorded = [index for index, _ in self._responses(request)]
        if not recorded:
            raise ReplayMissError(self._why_not(cleaned))
        if all(self.play_counts[index] for index in recorded) and cleaned.method != "GET":
            raise ReplayMissError(
                f"{_named(cleaned)} was recorded {len(recorded)} times, and is asked for once more"
            )
        return True

    def play_response(self, request: Request) -> Any:
        """The recorded answer, after what the product did before it."""
        self.product.catch_up(self.begun)
        found = list(self._responses(request))
        index, answer = next(((i, a) for i, a in found if not self.play_counts[i]), found[-1])
        self.play_counts[index] += 1
        return {**answer, "body": {"string": self.cleaner.restored(answer["body"]["string"])}}

    def _why_not(self, request: Request) -> str:
        same_path = [kept for kept in self.requests if _path(kept) == _path(request)]
        if not same_path:
            return f"{_named(request)} was not recorded, nor anything else at that address"
        same_method = [kept for kept in same_path if kept.method == request.method]
        if not same_method:
            verbs = ", ".join(sorted({kept.method for kept in same_path}))
            return f"{_named(request)} was not recorded; at that address only {verbs}"
        kept = same_method[0]
        if kept.uri != request.uri:
            return f"{_named(request)} was not recorded; the query was another one: {urlsplit(kept.uri).query[:80]!r}"
        return f"{_named(request)} was recorded with another body: {_difference(kept.body, request.body)}"


class _Persister:
    """Writes a cassette only after it was looked through for secrets."""

    def __init__(self, cleaner: Cleaner) -> None:
        self._cleaner = cleaner
        self.refusal = ""

    def load_cassette(self, path: Path, serializer: Any) -> Sequence[Any]:
        """Requests and answers of a file."""
        from vcr.persisters.filesystem import CassetteNotFoundError
        from vcr.serialize import deserialize

        if not path.is_file():
            raise CassetteNotFoundError
        try:
            return deserialize(path.read_text(encoding="utf-8"), serializer)  # type: ignore[no-any-return]
        except Exception as error:
            raise TrafficError(f"{path} cannot be read ({type(error).__name__}); record again") from error

    def save_cassette(self, path: Path, cassette_dict: Any, serializer: Any) -> None:
        """The file, unless a secret would stand in it; then ``refusal`` says so."""
        from vcr.serialize import serialize

        # As they are written, bytes that are no text stand there in an encoding of YAML's own.
        bodies = [bytes(request.body or b"") for request in cassette_dict["requests"]]
        bodies += [bytes(answer["body"]["string"]) for answer in cassette_dict["responses"]]
        content = serialize(cassette_dict, serializer)
        if any(self._cleaner.found_in(one) for one in (content.encode(), *bodies)):
            # Raised later: vcrpy takes its patches off only when saving went well.
            self.refusal = (
                f"{path}: a secret would stand in it, in a form that is not recognised; it was not written"
            )
            return
        path.write_text(content, encoding="utf-8")


@contextmanager
def conversation(
    traffic: Traffic, cleaner: Cleaner, product: ProductTape, is_crm: Callable[[str], bool]
) -> Iterator[None]:
    """Record or replay every HTTP request of this process that does not go to the CRM.

    Args:
        traffic: where, and which of the two.
        cleaner: takes out what may not be kept.
        product: what the product does in between.
        is_crm: whether ``host:port`` is the sandbox.

    Raises:
        TrafficError: the recording cannot be read, or must not be written.
    """
    if traffic.mode == "record":
        traffic.folder.mkdir(parents=True, exist_ok=True)
        traffic.cassette.unlink(missing_ok=True)

    def request_kept(request: Request) -> Request | None:
        if is_crm(f"{request.host}:{request.port}"):
            return None
        kept = Request(
            request.method, cleaner.text(request.uri), request.body, cleaner.request_headers(request.headers)
        )
        kept.body = cleaner.body(kept.body) if kept.body else kept.body
        return kept

    def answer_kept(answer: dict[str, Any]) -> dict[str, Any]:
        plain = decode_response(answer)
        content = plain["body"]["string"]
        content = content.encode() if isinstance(content, str) else content
        return {
            **plain,
            "headers": cleaner.answer_headers(plain["headers"]),
            "body": {"string": cleaner.body(content)},
        }

    persister = _Persister(cleaner)
    tape = _Tape.use(
        path=traffic.cassette,
        serializer=yamlserializer,
        persister=persister,
        record_mode=RecordMode.ALL if traffic.mode == "record" else RecordMode.NONE,
        match_on=(method, uri, body),
        before_record_request=request_kept,
        before_record_response=answer_kept,
    )
    with tape as running:
        running.product, running.cleaner = product, cleaner
        product.exchanges = lambda: running.begun
        yield
    if persister.refusal:
        raise TrafficError(persister.refusal)
    if traffic.mode == "record":
        product.save()


def _named(request: Request) -> str:
    return f"{request.method} {request.uri[:160]}"


def _path(request: Request) -> str:
    return str(request.uri).partition("?")[0]


def _difference(recorded: Any, asked: Any) -> str:
    left, right = (bytes(one or b"") for one in (recorded, asked))
    at = next(
        (n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    start = max(at - 20, 0)
    return f"{left[start : at + 30]!r} then, {right[start : at + 30]!r} now"
