# Copyright the carryall authors.  See LICENSE.
"""No attribute is looked up by a name made from what a peer sent (``'do_' + verb``); dispatch is a
table of bytes verbs."""
import ast

from admin.checks.tree import PRODUCT, Finding

LOOKUPS = ('getattr', 'hasattr', 'setattr')
NO_PEER = ('runtimes',)                 # names of the system's constants are put together there
SPEAKS_WITH_PEERS = ('protocols',)


def check(tree):
    """A prefix and a variable is wrong anywhere; in the protocols,
    so is any name that is not written out."""
    for path, node in tree.walk(*PRODUCT):
        top = path.split('/')[0]
        if top in NO_PEER or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) \
                or node.func.id not in LOOKUPS or len(node.args) < 2:
            continue
        if _put_together(node.args[1]):
            yield Finding(path, node.lineno, '%s with a name put together: use a table'
                          % node.func.id)
        elif top in SPEAKS_WITH_PEERS and not isinstance(node.args[1], ast.Constant):
            yield Finding(path, node.lineno, '%s with a name that is not written out: use a table'
                          % node.func.id)


def _put_together(name):
    """True if the expression is a literal text with a value appended or inserted."""
    if isinstance(name, ast.BinOp):
        return isinstance(name.left, ast.Constant)
    return isinstance(name, (ast.JoinedStr, ast.Call))
