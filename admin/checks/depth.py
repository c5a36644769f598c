# Copyright the carryall authors.  See LICENSE.
"""At most three of our classes lie between a class and the root of its hierarchy, mixins counted;
``self`` is never Any.

The class itself and the root are not counted.  Classes of tests are not looked at.
"""
import ast
import re

from admin.checks import classindex
from admin.checks.tree import PRODUCT, Finding, dotted

MOST = 3
TYPE_COMMENT = re.compile(r'^\s*#\s*type:\s*\((?P<parameters>.*)\)\s*->')


def check(tree):
    """Counts the ancestors of each class; look at the type of each method's first parameter."""
    found = classindex.index(tree)
    for path in tree.files(*PRODUCT):
        lines = tree.text(path).split('\n')
        for each in found.classes(path):
            between = len(found.ancestors(each)) - 1
            if between > MOST:
                names = ', '.join(base.name for base in found.ancestors(each))
                yield Finding(path, each.node.lineno, '%s: %d classes below its root: %s'
                              % (each.name, between, names))
            for function, owner in each.methods():
                if owner and _is_any(function, lines):
                    yield Finding(path, function.lineno,
                                  '%s.%s: Any for %s' % (each.name, function.name, owner))


def _is_any(function, lines):
    """If the annotation or the type comment of a method says Any for its first parameter."""
    parameters = function.args.posonlyargs + function.args.args
    if parameters[0].annotation is not None:
        return dotted(parameters[0].annotation) in ('Any', 'typing.Any')
    for line in lines[function.lineno:function.body[0].lineno]:
        comment = TYPE_COMMENT.match(line)
        if comment:
            types = _split(comment.group('parameters'))
            return len(types) == _count(function) and types[0] in ('Any', 'typing.Any')
    return False


def _count(function):
    """The number of types that a comment gives if it gives one for the first parameter too."""
    arguments = function.args
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs + starred)


def _split(text):
    """The types of a list, split at the commas that are in no brackets."""
    try:
        types = ast.parse('f(%s)' % re.sub(r'\*+', '', text), mode='eval').body.args
    except SyntaxError:
        return []
    return [dotted(each) or '?' for each in types]
