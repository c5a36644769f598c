# Copyright the carryall authors.  See LICENSE.
"""``carryall web --telnet PORT``: a Python console inside the web server, as in Twisted 0.19
(feature WEB-01).

It listens on the loopback interface alone.  Its user is ``admin``.  The password is made up and
shown, by mktap too, unless ``--telnet-password`` gives it.

Tests:    tests/services/resources/test_rootoptions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import make_password
from carryall.app.options import Option
from carryall.app.optiontypes import Integer, Text
from carryall.core.errors import UsageError

__all__ = ['NAME', 'OPTIONS', 'application', 'check', 'companions', 'default_port', 'factory',
           'serves', 'shown']

NAME = 'telnet'
USER = u'admin'

OPTIONS = [
    Option('telnet', Integer(0, 65535), short='t',
           help='a Python console on this port of the loopback interface; its user is admin'),
    Option('telnet-password', Text(1, 255, 'PASSWORD'), secret=True,
           help='password of that user; one is made up and shown if none is given'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for a password without a console."""
    if options.telnet_password is not None and options.telnet is None:
        raise UsageError(u'--telnet-password needs --telnet')


def shown(options):
    # type: (OptionValues) -> List[str]
    """Makes up a password if none is given; the line that tells it."""
    if options.telnet is None or options.telnet_password is not None:
        return []
    options.telnet_password = make_password()
    return [u'console: user %s, password %s' % (USER, options.telnet_password)]


def companions(options):
    # type: (OptionValues) -> List[Any]
    """The console, stopped.

    Raises:   UsageError: it has no password.
    """
    if options.telnet is None:
        return []
    if options.telnet_password is None:
        raise UsageError(u'the console of --telnet has no password: give --telnet-password')
    # Imported here: a web server without a console starts without it
    from carryall.services.console.service import TYPE
    return [TYPE.make(TYPE.options.parse([
        u'-p', u'tcp:%d:interface=127.0.0.1' % options.telnet, u'--username', USER,
        u'--password', options.telnet_password]))]


def default_port(options):
    # type: (OptionValues) -> Optional[str]
    """None: the port of the site does not depend on the console."""
    return None


def serves(options):
    # type: (OptionValues) -> bool
    """False: files are served."""
    return False


def application(options, loop):
    # type: (OptionValues, Any) -> Any
    """None: there is no application."""
    return None


def factory(options, app, loop):
    # type: (OptionValues, Any, Any) -> Any
    """None: browsers are served."""
    return None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues
