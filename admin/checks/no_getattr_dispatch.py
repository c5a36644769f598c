# Copyright the carryall authors.  See LICENSE.
"""No attribute is looked up by a name that is built from what a peer sent; dispatch is a table of bytes verbs."""
import ast

from admin.checks.tree import PRODUCT, Finding

LOOKUPS = ('getattr', 'hasattr', 'setattr')
WIRE = ('protocols', 'services')


def check(tree):
    """A name put together is wrong anywhere; in what speaks with peers, so is any name that is not written out."""
    for path, node in tree.walk(*PRODUCT):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in LOOKUPS:
            continue
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(name, (ast.BinOp, ast.JoinedStr, ast.Call)):
            yield Finding(path, node.lineno, '%s with a name put together: use a table' % node.func.id)
        elif path.split('/')[0] in WIRE and not isinstance(name, ast.Constant):
            yield Finding(path, node.lineno, '%s with a name that is not written out: use a table' % node.func.id)
