# Copyright the carryall authors.  See LICENSE.
"""OptionGroup: options that belong together, and the object that a service makes of their values.

A group is listed among the options of a schema, and the service calls its methods:

    LISTENING = ListeningOptions('port', 'tcp:7', connections=100)
    SCHEMA = Schema([LISTENING, Flag('loud')])
    ...
    server = LISTENING.server('echo', options, Echo)

Groups:   app/listeningoptions.py, app/clientoptions.py, app/tlsoptions.py, app/loginoptions.py,
          app/limitoptions.py
Tests:    tests/app/test_optiongroup.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List

__all__ = ['OptionGroup', 'flattened']


class OptionGroup(object):
    """The base of groups.

    Attributes:
        options: the Option objects, in the order in which the help shows them.
    """

    def __init__(self, options):
        # type: (Iterable[Any]) -> None
        self.options = list(options)


def flattened(options):
    # type: (Iterable[Any]) -> List[Any]
    """Options and groups of them as one list of options."""
    found = []      # type: List[Any]
    for option in options:
        found += option.options if isinstance(option, OptionGroup) else [option]
    return found
