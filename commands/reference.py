# Copyright the carryall authors.  See LICENSE.
"""The reference of all commands and types: schemas and texts for manual pages and completion.

    for page in pages():
        page.name                       # 'cert'
        page.usages[0].words            # ('carryall', 'cert', 'make')

A page has several usages if a command has several verbs, or if a client and a server share a
name.

Tests:    tests/commands/test_reference.py
"""
from __future__ import absolute_import, division, print_function

from carryall.commands.catalogue import COMMANDS, TYPES, USAGES, known_types
from carryall.commands.serve import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['Page', 'Usage', 'main_page', 'pages']

class Usage(object):
    """One way to call a command.

    Args:     words:   the words of the call, ('carryall', 'cert', 'make').
              schema:  its options and arguments.
              summary: a sentence or more that says what it does.
              trailer: lines that the help shows below the options.
              extra:   words of the call that the schema does not describe.
    """

    __slots__ = ('words', 'schema', 'summary', 'trailer', 'extra')

    def __init__(self, words, schema, summary, trailer=u'', extra=()):
        # type: (Tuple[str, ...], Any, str, str, Tuple[str, ...]) -> None
        self.words = words
        self.schema = schema
        self.summary = summary
        self.trailer = trailer
        self.extra = extra


class Page(object):
    """All usages of one name.

    Args:     name:    of the command or type; empty for carryall itself.
              summary: one line.
              is_type: true if a service type has the name, alone or beside a command.
    """

    __slots__ = ('name', 'summary', 'usages', 'is_type')

    def __init__(self, name, summary, usages, is_type):
        # type: (str, str, List[Usage], bool) -> None
        self.name = name
        self.summary = summary
        self.usages = usages
        self.is_type = is_type


def main_page():
    # type: () -> Page
    """The page of `carryall` without a command."""
    from carryall.commands import main as umbrella
    usage = Usage(('carryall',), umbrella.SCHEMA, umbrella.SUMMARY, umbrella.STATUS,
                  ('TYPE|COMMAND', '[option ...]'))
    return Page('', u'portable suite of internet servers and clients', [usage], False)


def pages():
    # type: () -> List[Page]
    """A page for each command and each type built in, in the order of their names."""
    found = {}      # type: Any
    for name, _, _, summary in COMMANDS:
        found[name] = Page(name, summary, [], False)
    for row in USAGES:
        found[row[0].split()[0]].usages.append(_command_usage(*row))
    for name, _, summary in TYPES:
        page = found.setdefault(name, Page(name, summary, [], True))
        if not page.is_type:
            page.summary = u'%s; %s' % (page.summary, summary)
            page.is_type = True
        page.usages.append(_type_usage(name))
    return [found[name] for name in sorted(found)]


def _command_usage(name, module, schema, summary, trailer, extra):
    # type: (str, str, str, str, str, Tuple[str, ...]) -> Usage
    held = __import__(module, None, None, [schema])
    words = ('carryall',) + tuple(name.split())
    return Usage(words, getattr(held, schema), getattr(held, summary),
                 getattr(held, trailer) if trailer else u'', extra)


def _type_usage(name):
    # type: (str) -> Usage
    kind = known_types().get(name)
    return Usage(('carryall', 'serve', name), joined(kind.options)[0], kind.summary)
