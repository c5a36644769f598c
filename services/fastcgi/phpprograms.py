# Copyright the carryall authors.  See LICENSE.
"""PHP, by php-cgi or php-fpm, and other programs behind FastCGI (feature WEB-06).

    carryall web --path site                                    php-cgi, if it is installed
    carryall web --path site --fastcgi .php=unix:/run/php/php8.2-fpm.sock
    carryall web --path site --fastcgi .app=tcp:9001

PHP reads no body without a length, so a chunked one is collected first (services/web/bodyspool.py).
It wants REDIRECT_STATUS, which tells that a web server has called it, and the file in
SCRIPT_FILENAME, or, if ``cgi.fix_pathinfo`` is off, in PATH_TRANSLATED.

Tests:    tests/services/fastcgi/test_phpprograms.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.options import Option
from carryall.app.optiontypes import Endpoint, Pair, Path
from carryall.core.compat import to_bytes
from carryall.services.cgi.cgiprograms import (GROUP, ProgramStarter, passed_of, places_of,
                                                settings_of)
from carryall.services.cgi.environment import native_word
from carryall.services.cgi.suffixapplications import (ApplicationGateway, Suffix, ProgramsBySuffix,
                                                      check_suffixes)
from carryall.protocols.fastcgi import connect

__all__ = ['FOLDER', 'NAME', 'OPTIONS', 'PHP', 'check', 'describe', 'make', 'php_cgi', 'suffixes']

NAME = 'PHP'
FOLDER = None
PHP = (b'.php', b'.php3', b'.php4', b'.php5', b'.phtml')


OPTIONS = [
    Option('php-cgi', Path('file'), group=GROUP,
           help='program that runs PHP; php-cgi of the PATH unless given'),
    Option('fastcgi', Pair(Suffix(), Endpoint(('tcp', 'unix'))), repeat=True, group=GROUP,
           help='application that answers for the files of a suffix, in the place of php-cgi: '
                '.php=unix:/run/php/php-fpm.sock; .php is for .php3 and the like too'),
]


def check(options):
    # type: (OptionValues) -> None
    """Raises UsageError for a suffix with two applications, or for one that would not be used."""
    check_suffixes(options.programs, 'fastcgi', options.fastcgi)


def php_cgi(options, path=None):
    # type: (OptionValues, Optional[str]) -> Optional[str]
    """The program that runs PHP; None if there is none.

    Args:     path: the PATH to search; ours if left out.
    """
    if options.php_cgi is not None:
        return options.php_cgi
    for folder in (os.environ.get('PATH', '') if path is None else path).split(os.pathsep):
        for name in ('php-cgi', 'php-cgi.exe'):
            program = os.path.join(folder, name)
            if folder and os.path.isfile(program) and os.access(program, os.X_OK):
                return program
    return None


def _applications(options):
    # type: (OptionValues) -> Dict[bytes, str]
    """suffix -> endpoint."""
    found = dict((to_bytes(suffix), endpoint) for suffix, endpoint in options.fastcgi)
    if PHP[0] in found:
        for suffix in PHP:
            found.setdefault(suffix, found[PHP[0]])
    return found


def suffixes(options):
    # type: (OptionValues) -> List[bytes]
    """The suffixes of PHP if something runs it, and those of --fastcgi."""
    found = sorted(_applications(options))
    if php_cgi(options) is not None:
        found = sorted(set(found).union(PHP))
    return found


def describe(options):
    # type: (OptionValues) -> Optional[str]
    """The words of the first line; None if nothing runs these programs."""
    applications = _applications(options)
    places = sorted(set(applications.values()))
    texts = [u'FastCGI at %s' % place for place in places]
    program = php_cgi(options)
    if program is not None and not set(PHP) <= set(applications):
        texts.append(program)
    return u', '.join(texts) or None


def make(options, loop):
    # type: (OptionValues, Any) -> ProgramsBySuffix
    """The handler of these programs."""
    settings = settings_of(options)
    places = _applications(options)
    gateways = dict((place, ApplicationGateway(loop, place, settings, places_of(options), connect,
                                               more=_more))
                    for place in set(places.values()))
    handlers = dict((suffix, gateways[place])
                    for suffix, place in places.items())    # type: Dict[bytes, Any]
    program = php_cgi(options)
    if program is not None:
        starter = PHPStarter(loop, settings, places_of(options), passed_of(options), program)
        for suffix in PHP:
            handlers.setdefault(suffix, starter)
    return ProgramsBySuffix(handlers)


def _more(script):
    # type: (Any) -> List[Tuple[bytes, bytes]]
    """The variables that PHP wants beside those of CGI."""
    found = [(b'REDIRECT_STATUS', b'200')]
    if not script.path_info:
        found.append((b'PATH_TRANSLATED', script.path))
    return found


class PHPStarter(ProgramStarter):
    """Starts php-cgi for each request."""

    def __init__(self, loop, settings, programs, passed, program):
        # type: (Any, Any, int, Any, str) -> None
        ProgramStarter.__init__(self, loop, settings, programs, passed)
        self._words = [native_word(to_bytes(program))]

    def __call__(self, request, script):
        # A query is never given as arguments: php-cgi would take them for options.
        return self.run(request, script, self._words, _more(script))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
