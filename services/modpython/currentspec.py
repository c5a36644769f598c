# Copyright the carryall authors.  See LICENSE.
"""CurrentSpec: ``req.hlist``, the handler that runs and the section that names it.

Tests:    tests/services/modpython/test_apacherequest.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['CurrentSpec']


class CurrentSpec(object):
    """The handler that runs.

    Attributes:
        handler:     its spec, or the function itself.
        directory:   of the <Directory> that names it; None for another section.
        is_location: 1 if no <Directory> names it.
        silent:      0: a missing handler is an error.
    """

    __slots__ = ('handler', 'directory', 'is_location', 'silent')

    def __init__(self, spec):
        # type: (Any) -> None
        self.handler = repr(spec) if spec.module is not None else spec.function
        self.directory = spec.directory
        self.is_location = int(spec.directory is None)
        self.silent = 0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
