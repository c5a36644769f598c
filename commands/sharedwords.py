# Copyright the carryall authors.  See LICENSE.
"""Words of the command line that a client and a service of one name share.

`carryall finger ann@host` is the client, `carryall finger -p 7979` is short for
`carryall serve finger -p 7979`.

Tests:    tests/commands/test_sharedwords.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.options import HelpRequested
from carryall.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.options import Schema

__all__ = ['seems_meant']


def seems_meant(schema, words):
    # type: (Schema, Sequence[Any]) -> Any
    """The values if these words are for the client; None if they are for the service.

    A service has options alone, a client has an argument too.
    """
    if not [word for word in words if not word[:1] in (u'-', b'-')]:
        return None
    try:
        return schema.parse(words)
    except (HelpRequested, UsageError):
        if words[0][:1] not in (u'-', b'-'):
            raise
        return None
