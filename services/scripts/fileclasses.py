# Copyright the carryall authors.  See LICENSE.
"""``--processor .EXT=CLASS``: files with a suffix are rendered by a class of the operator (Twisted
1.2).

The class is called with the path of the file and the registry, for each request, and gives a
resource.

Tests:    tests/services/resources/test_rootoptions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.objectnames import ObjectName, load_object
from carryall.app.options import Option
from carryall.app.optiontypes import Pair, Text
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.services.resources import render_at
from carryall.services.scripts.scriptfiles import Registry, failure_page, file_name, segments_of

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'RenderedFiles', 'SUFFIXES', 'check', 'describe', 'make',
           'suffixes']

NAME = 'classes'
SUFFIXES = ()               # type: Tuple[bytes, ...]
FOLDER = None

OPTIONS = [
    Option('processor', Pair(Text(1, 64, 'EXT'), ObjectName()), repeat=True, group='programs',
           help='render the files with this ending by a class, such as .page=shop:Page; it is '
                'called with the path and the registry'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for a processor that would not be used."""
    if options.processor and not options.programs:
        raise UsageError(u'--processor needs programs, which --no-programs switches off')


def suffixes(options):
    # type: (OptionValues) -> Tuple[bytes, ...]
    """The suffixes of the option."""
    return tuple(_suffix(ending) for ending, _ in options.processor)


def _suffix(ending):
    # type: (Any) -> bytes
    return b'.' + to_bytes(ending).lstrip(b'.').lower()


def describe(options):
    # type: (OptionValues) -> Optional[str]
    """The words of the first line; None without such an option."""
    return u'--processor' if options.processor else None


def make(options, loop):
    # type: (OptionValues, Any) -> RenderedFiles
    """The handler of the files; the classes are imported now."""
    return RenderedFiles(dict((_suffix(ending), load_object(_with_colon(name)))
                           for ending, name in options.processor), options.display_tracebacks)


def _with_colon(name):
    # type: (str) -> str
    module, _, attribute = name.rpartition(u'.')
    return name if u':' in name or not module else u'%s:%s' % (module, attribute)


class RenderedFiles(object):
    """Renders files by classes.

    Args:     classes: suffix -> class.
              shows: true to show tracebacks to clients.
    """

    def __init__(self, classes, shows=False):
        # type: (Dict[bytes, Any], bool) -> None
        self._classes = classes
        self._shows = shows
        self.registry = Registry()

    def __call__(self, request, script):
        # type: (Any, Any) -> Any
        """The page of a file."""
        suffix = b'.' + script.path.rpartition(b'.')[2].lower()
        try:
            found = self._classes[suffix](file_name(script.path), self.registry)
            return render_at(found, request, segments_of(script.name), script.path_info)
        except FAILURES as exc:
            return failure_page(script, exc, self._shows)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
