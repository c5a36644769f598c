# Copyright the carryall authors.  See LICENSE.
"""Gate: ``__auth__``, ``__access__`` and ``__auth_realm__`` of published objects.

    ``__auth__``        a function of (req, user, password), a dict of passwords, or a constant
    ``__access__``      a function of (req, user), a list of names, or a constant
    ``__auth_realm__``  the realm, "unknown" if there is none

A function says them in its body: as functions, or as literals.  They are read from the source,
since Jython has no code to look into.  If the source does not tell a rule of the
body, no user comes in: the file may have changed since it was loaded.

``__auth__`` comes first: 401 without a right password; then ``__access__``: 403.  A malformed
log-in is 400.  The values of a dict may be verifiers of ``carryall passwd``.

Tests:    tests/services/modpython/test_pagepublisher.py
"""
from __future__ import absolute_import, division, print_function

import ast
import types

from carryall.core.auth.verifiers import parse_verifier
from carryall.core.compat import constant_time_equal
from carryall.core.crypto import STANDARD
from carryall.core.logs import get_logger
from carryall.services.modpython.apacherequest import ServerReturn, basic_credentials

__all__ = ['Gate', 'has_no_rules', 'is_open_to_all']

NAMES = ('__auth__', '__access__', '__auth_realm__')
DEFAULT_REALM = 'unknown'
MAX_KNOWN = 1000            # functions whose rules are kept

# code of a function -> its rules.  Equal code has equal rules, whatever is in the file by now.
_known = {}                 # type: Dict[Any, Dict[str, Any]]

log = get_logger('modpython')


class Gate(object):
    """The log-in of one request."""

    def __init__(self, request):
        # type: (Any) -> None
        self._request = request
        self._realm = DEFAULT_REALM
        self._user = None           # type: Any
        self._password = None       # type: Any

    def check(self, published):
        # type: (Any) -> None
        """Checks the rules of one object.

        Raises:   ServerReturn: 400, 401 or 403.
        """
        rules = _rules(published)
        if '__auth_realm__' in rules:
            self._realm = str(rules['__auth_realm__'])
        if '__auth__' in rules:
            self._check_password(rules['__auth__'])
        if '__access__' in rules and not self._may(rules['__access__']):
            raise ServerReturn(403)

    def _check_password(self, rule):
        # type: (Any) -> None
        if self._user is None:
            self._read()
        if self._user is None:
            self._demand()
        if callable(rule):
            is_right = rule(self._request, self._user, self._password)
        elif isinstance(rule, dict):
            is_right = self._user in rule and _equal(rule[self._user], self._password)
        else:
            is_right = rule
        if not is_right:
            self._demand()

    def _read(self):
        # type: () -> None
        request = self._request
        if 'Authorization' not in request.headers_in:
            return
        name, password = basic_credentials(request.headers_in)
        if name is None:
            raise ServerReturn(400)
        self._user = name
        self._password = password
        request.user = name

    def _demand(self):
        # type: () -> None
        realm = self._realm.replace('\\', '').replace('"', '')
        self._request.err_headers_out['WWW-Authenticate'] = 'Basic realm="%s"' % realm
        raise ServerReturn(401)

    def _may(self, rule):
        # type: (Any) -> Any
        if callable(rule):
            return rule(self._request, self._user)
        if isinstance(rule, (list, tuple)):
            return self._user in rule
        return rule


def _equal(verifier, password):
    # type: (Any, str) -> bool
    octets = password if isinstance(password, bytes) else password.encode('utf-8')
    text = verifier if isinstance(verifier, str) else str(verifier)
    if text.startswith('$'):
        try:
            return parse_verifier(text).verify(octets, STANDARD)
        except ValueError:
            pass                    # a password that begins with a dollar
    wanted = text if isinstance(text, bytes) else text.encode('utf-8')
    return constant_time_equal(wanted, octets)


def has_no_rules(space):
    # type: (Dict[str, Any]) -> bool
    """True if a module with these variables has no rules."""
    return not any(name in space for name in NAMES)


def is_open_to_all(function):
    # type: (Any) -> bool
    """True if a function has no rules."""
    return not _rules(function)


def _rules(published):
    # type: (Any) -> Dict[str, Any]
    """The rules of an object, by their names."""
    function = published
    if isinstance(function, types.MethodType):
        function = function.__func__
    if not isinstance(function, types.FunctionType):
        found = dict((name, getattr(published, name)) for name in NAMES if hasattr(published, name))
        if isinstance(published, type):     # pypy: its __call__ looks like a method
            return found
        called = getattr(published, '__call__', None)
        if isinstance(called, types.MethodType) and called is not published:
            found.update(_rules(called))
        return found
    found = dict((name, vars(function)[name]) for name in NAMES if name in vars(function))
    found.update(_rules_in(function))
    return found


def _rules_in(function):
    # type: (Any) -> Dict[str, Any]
    """The rules that a function's body has."""
    code = function.__code__
    wanted = set(NAMES).intersection(code.co_varnames + code.co_cellvars)
    if not wanted:
        return {}
    rules = _known.get(code)
    if rules is None:
        rules = _read_rules(code)
        for name in wanted.difference(rules):
            log.error('%s of the function %s cannot be read from %s, so no user comes in', name,
                      code.co_name, code.co_filename)
            rules[name] = 0
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        _known[code] = rules
    return dict((name, _made(rule, function)) for name, rule in rules.items())


class _Nested(object):
    """A rule that is a function in a function."""

    def __init__(self, node, path):
        # type: (Any, str) -> None
        tree = ast.parse('')
        tree.body = [node]
        self.code = compile(tree, path, 'exec')
        self.name = node.name


def _made(rule, function):
    # type: (Any, Any) -> Any
    if not isinstance(rule, _Nested):
        return rule
    space = dict(function.__globals__)
    exec(rule.code, space)          # pylint: disable=exec-used  # the site's own code
    return space[rule.name]


def _read_rules(code):
    # type: (Any) -> Dict[str, Any]
    """The rules in the function that *code* is of, as far as its source tells them."""
    try:
        with open(code.co_filename, 'rb') as file:
            tree = ast.parse(file.read(), code.co_filename)
    except (IOError, OSError, SyntaxError, ValueError):
        return {}                   # the caller tells
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
            continue
        lines = [node.lineno] + [one.lineno for one in node.decorator_list]
        if code.co_firstlineno in lines:
            return _rules_of_body(node.body, code.co_filename)
    return {}


def _rules_of_body(body, path):
    # type: (Sequence[Any], str) -> Dict[str, Any]
    found = {}                      # type: Dict[str, Any]
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name in NAMES:
            found[node.name] = _Nested(node, path)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id in NAMES:
                try:
                    found[target.id] = ast.literal_eval(node.value)
                except ValueError:
                    found[target.id] = 0    # cannot be known: no user comes in
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence
