# Copyright the carryall authors.  See LICENSE.
"""Options of the web service for a root that is no folder (features WEB-01, Appendix A).

    carryall web --class shop.Root              an instance of the class, as in Twisted 0.19
    carryall web --resource-script root.rpy     the resource that a script sets
    carryall web --wsgi shop.site:app           a WSGI application

Tests:    tests/services/resources/test_rootoptions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.objectnames import ObjectName, load_object
from carryall.app.options import Option
from carryall.app.optiontypes import Path
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError

# The modules of scripts and WSGI are imported where they are used: a web server without them
# starts without them.

__all__ = ['NAME', 'OPTIONS', 'application', 'check', 'companions', 'default_port', 'factory',
           'serves', 'shown']

NAME = 'root'

OPTIONS = [
    Option('class', ObjectName(), group='root',
           help='serve an instance of this class, MODULE.NAME, in place of a folder'),
    Option('resource-script', Path('file'), group='root',
           help='serve the resource that this script sets, in place of a folder'),
    Option('wsgi', ObjectName(), group='root',
           help='serve this WSGI application, MODULE:NAME, in place of a folder'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for options that exclude each other."""
    given = [u'--' + name for name, value in (
        (u'class', options.class_), (u'resource-script', options.resource_script),
        (u'wsgi', options.wsgi)) if value is not None]
    if given and (options.path is not None or options.vhost):
        given.append(u'--path' if options.path is not None else u'--vhost')
    if len(given) > 1:
        raise UsageError(u'%s say what is served: give only one of them' % u' and '.join(given))


def default_port(options):
    # type: (OptionValues) -> Optional[str]
    """None: the port is that of a folder."""
    return None


def serves(options):
    # type: (OptionValues) -> bool
    """If an application of ours is served, in the place of files."""
    return (options.class_ is not None or options.resource_script is not None
            or options.wsgi is not None)


def application(options, loop):
    # type: (OptionValues, Any) -> Any
    """The application, which has a ``close()`` too."""
    if options.wsgi is not None:
        from carryall.services.wsgi import WSGIApplication
        return WSGIApplication(load_object(options.wsgi, u'application'), loop)
    if options.resource_script is not None:
        from carryall.services.scripts import rpyprograms
        scripts = rpyprograms.make(options, loop)
        path = to_bytes(options.resource_script)
        scripts.resource(path)          # errors come at the start
        return _Root(lambda: scripts.resource(path), scripts.close)
    made = load_object(_with_colon(options.class_))()
    return _Root(lambda: made)


def factory(options, app, loop):
    # type: (OptionValues, Any, Any) -> Optional[Callable[[], Any]]
    """None: browsers are served."""
    return None


def companions(options):
    # type: (OptionValues) -> List[Any]
    """No further services."""
    return []


def shown(options):
    # type: (OptionValues) -> List[str]
    """No further lines."""
    return []


class _Root(object):
    """An application that renders a resource.

    Args:     resource: called for the resource.
              close: called at the end.
    """

    def __init__(self, resource, close=None):
        # type: (Callable[[], Any], Optional[Callable[[], None]]) -> None
        self._resource = resource
        self._close = close

    def __call__(self, request):
        # type: (Any) -> Any
        from carryall.services.resources import render_at
        return render_at(self._resource(), request)

    def close(self):
        # type: () -> None
        """Ends what the resource needs."""
        if self._close is not None:
            self._close()


def _with_colon(name):
    # type: (str) -> str
    """MODULE.NAME as MODULE:NAME."""
    if u':' in name or u'.' not in name:
        return name
    module, _, attribute = name.rpartition(u'.')
    return u'%s:%s' % (module, attribute)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.app.optionvalues import OptionValues
