"""Embeddings from an endpoint that speaks OpenAI's format: a model of one's own, or a provider's.

The texts of profiles are sent there. Whoever sets an address decides that they may be.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray


class EndpointError(OSError):
    """The endpoint did not answer as expected; the message says what came instead."""


@dataclass(frozen=True)
class Endpoint:
    """``url``: up to and without ``/embeddings``. The key comes from the environment variable ``key_from``."""

    url: str
    model: str
    key_from: str = "QIAO_EMBEDDING_KEY"
    batch: int = 64
    timeout: float = 60.0  # seconds

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row for each text, in their order. Raises EndpointError."""
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise EndpointError(f"{self.url!r} is not an http address")
        rows = [
            row for at in range(0, len(texts), self.batch) for row in self._ask(texts[at : at + self.batch])
        ]
        if len({len(row) for row in rows}) > 1:
            raise EndpointError(f"{self.url}: vectors of different lengths came")
        return np.array(rows, np.float64).reshape(len(rows), -1 if rows else 0)

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(self.key_from):
            headers["Authorization"] = f"Bearer {key}"
        body = json.dumps({"model": self.model, "input": [text or " " for text in texts]}).encode()
        request = Request(f"{self.url.rstrip('/')}/embeddings", body, headers)  # noqa: S310 (http, checked above)
        try:
            with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                told = json.load(answer)
            found = sorted(told["data"], key=lambda one: one["index"])
            order = [one["index"] for one in found]
            rows = [[float(value) for value in one["embedding"]] for one in found]
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise EndpointError(f"{self.url}: {str(error) or type(error).__name__}") from error
        if order != list(range(len(texts))):
            raise EndpointError(f"{self.url}: {len(rows)} vectors came for {len(texts)} texts")
        if not all(row and all(map(math.isfinite, row)) for row in rows):
            raise EndpointError(f"{self.url}: a vector is empty or holds what is no number")
        return rows
