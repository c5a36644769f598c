# Copyright the carryall authors.  See LICENSE.
"""``carryall web --user`` and ``--personal``: the distributed web as part of the web service
(features DIS-01, Appendix A).

    carryall web --user                 the front end: a page for each user of this machine
    carryall web --personal             the server of one user,
                                        behind ~/.twistd-web-pb or the endpoint of --port
Tests:    tests/services/distrib/test_weboptions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.endpoints import Endpoint
from carryall.core.errors import UsageError
from carryall.app.home import in_home
from carryall.app.options import Flag

# Modules that need Perspective Broker are imported where they are used:
# a web server without it starts without it.

__all__ = ['NAME', 'OPTIONS', 'application', 'check', 'companions', 'default_port', 'factory',
           'personal_brokers', 'serves', 'shown', 'user_directory']

NAME = 'personal'           # of the listeners of `factory`

OPTIONS = [
    Flag('user', short='u', help='a page for each user of this machine: /NAME/ is '
                                 '~NAME/public_html, /NAME.twistd/ is '
                                 'the personal server behind ~NAME/.twistd-web-pb'),
    Flag('personal', help='serve, instead of browsers, a front end with --user: by Perspective '
                          'Broker, behind'
                          ' ~/.twistd-web-pb or on --port, such as '
                          'unix:/home/me/.twistd-web-pb:mode=660'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for options that exclude each other."""
    if options.user and (options.path is not None or options.vhost):
        raise UsageError(u'--user serves the files of all users, --path and --vhost those of one '
                         u'folder: give only one of them')
    if options.personal and options.https:
        raise UsageError(u'--personal does not serve HTTP, so --https does not apply; for TLS give '
                         u'--port tls:...')
    if options.personal and options.webfinger:
        raise UsageError(u'--webfinger is for browsers: --personal serves none')


def default_port(options):
    # type: (OptionValues) -> Optional[str]
    """The default endpoint of a personal server; None for other servers."""
    if not options.personal:
        return None
    from carryall.services.distrib.users import SOCKET_NAME
    return Endpoint('unix', path=in_home(SOCKET_NAME, u'--port unix:PATH')).text()


def serves(options):
    # type: (OptionValues) -> bool
    """If an application of ours is served, in the place of files."""
    return options.user


def application(options, loop):
    # type: (OptionValues, Any) -> Any
    """The application, which has a ``close()`` too."""
    return user_directory(loop)


def factory(options, app, loop):
    # type: (OptionValues, Any, Any) -> Optional[Callable[[], Any]]
    """The factory of connections in the place of those of browsers; None if there is none."""
    return personal_brokers(app, loop) if options.personal else None


def companions(options):
    # type: (OptionValues) -> List[Any]
    """No further services."""
    return []


def shown(options):
    # type: (OptionValues) -> List[str]
    """No further lines."""
    return []


def user_directory(loop):
    # type: (Any) -> UserDirectory
    """The application of --user."""
    from carryall.services.distrib.users import UserDirectory
    return UserDirectory(loop)


def personal_brokers(app, loop):
    # type: (Any, Any) -> Callable[[], Any]
    """The factory of the connections of --personal."""
    from carryall.services.distrib.publisher import Publisher
    return Publisher(app, loop).broker


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.app.optionvalues import OptionValues
    from carryall.services.distrib.users import UserDirectory
