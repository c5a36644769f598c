# Copyright the carryall authors.  See LICENSE.
"""No module, class or function is called manager, processor, engine, handler, helper or util.

Excepted are the names of PEP 3156, those that an interface of the JDK or of mod_python demands, and
a protocol's sans-I/O engine.
"""
import ast
import re

from admin.checks.tree import PRODUCT, Finding

BANNED = {'manager', 'processor', 'engine', 'handler', 'helper', 'util', 'managers', 'processors',
          'engines', 'handlers', 'helpers', 'utils', 'utility', 'utilities'}
PEP_3156 = ('add_signal_handler', 'remove_signal_handler', 'set_exception_handler',
            'get_exception_handler', 'call_exception_handler', 'default_exception_handler')
JDK = ('chooseEngineServerAlias',)      # of javax.net.ssl.X509ExtendedKeyManager
MOD_PYTHON = ('add_handler', 'handler')     # of its requests, and of each module of handlers
WORD = re.compile('[A-Z]+(?![a-z])|[A-Z]?[a-z]+')


def check(tree):
    """Looks at the files' names and at every definition."""
    tops = PRODUCT + ('admin',)
    for path in tree.files(*tops):
        for part in path[:-len('.py')].split('/'):
            if _banned(part, path):
                yield Finding(path, 1, 'a module called %s says nothing' % part)
    for path, node in tree.walk(*tops):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name not in PEP_3156 + JDK + MOD_PYTHON and _banned(node.name, path):
                yield Finding(path, node.lineno, '%s: say what it is or does' % node.name)


def _banned(name, path):
    """True if *name* contains one of the words."""
    words = {word.lower() for word in WORD.findall(name)} & BANNED
    return words - {'engine', 'engines'} if path.startswith('protocols/') else words
