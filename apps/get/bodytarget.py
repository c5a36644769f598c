# Copyright the carryall authors.  See LICENSE.
"""BodyTarget: a PartFile or stdout that takes the body of a response, and resumes it.

The tag of a part is the validator of its response: an ETag or Last-Modified (RFC 9110 section
13.1.5).  Without one, the version of the part would be unknown later.

Tests:    tests/commands/test_get.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.core.future import coroutine
from carryall.protocols.http.client import resume_fields, resumes_at, validator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['BodyTarget']

PIECE_BYTES = 65536         # read at once


class BodyTarget(object):
    """The target of one body.

    Args:     target: a PartFile, or an object of its shape.
              resume: go on with the part that exists.
    """

    def __init__(self, target, resume):
        # type: (Any, bool) -> None
        self._target = target
        self._resume = resume
        self._held = target.size if resume else 0

    @property
    def size(self):
        # type: () -> int
        """Octets that exist already, of a part that is resumed."""
        return self._held

    def fields(self):
        # type: () -> List[Any]
        """The header fields that ask for the rest."""
        return resume_fields(self._held, self._target.tag) if self._held else []

    def begin(self, response):
        # type: (Any) -> None
        """Opens the target at its beginning or behind the part, as the response says.

        Raises:   CarryallError: the response is an error, so that the part stays as it is.
        """
        complete = self._held and response.status == 416
        if self._resume and response.status >= 300 and not complete:
            raise CarryallError(u'the server answered %d; the part stays as it is'
                                % response.status)
        at = resumes_at(response, self._held) if self._held else 0
        if not at:
            self._held = 0
        whole = response.status == 200 and not response.decoded
        self._target.begin(at, validator(response.headers) if whole else None)

    @coroutine
    def copy(self, response):
        # type: (Any) -> Any
        """Writes the body; a Future."""
        while True:
            piece = yield response.read(PIECE_BYTES)
            if not piece:
                return
            self._target.write(piece)

    def complete(self):
        # type: () -> None
        """The body is complete."""
        self._target.complete()

    def close(self):
        # type: () -> None
        """Closes the target, complete or not."""
        self._target.close()
