# Copyright the carryall authors.  See LICENSE.
"""Extended regular expressions of POSIX, searched in time linear in the text.

    pattern = Expression(u'^ab+(c|d)$')     BadExpression
    pattern.found_in(u'xabc')

The patterns come from clients, and some patterns take exponential time in the standard library.
Here all ways through the pattern are followed at once.  The sets of states that are reached become
the states of an automaton, of which a limited number is kept.

Syntax:   IEEE Std 1003.1 section 9.4: . [] [^] [:class:] ranges ( ) | * + ? {m,n} ^ $ and \\.
          Letters match in either case.  No back references, which ERE has not.
Tests:    tests/services/dict/test_expressions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal_text
from carryall.core.compat import range
from carryall.core.errors import CarryallError
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, FrozenSet, List, Optional, Set, Tuple

__all__ = ['BadExpression', 'Expression']

# -- limits ------------------------------------------------------------------
MAX_NODES = 500             # states of the pattern, its repetitions written out
MAX_PARTS = 5000            # parts of it that are written out, the empty ones counted
MAX_DEPTH = 50              # parentheses within each other
MAX_NESTED = 200            # parts within each other; each takes two frames of the stack
MAX_REPEAT = 255            # RE_DUP_MAX of POSIX
MAX_SETS = 1000             # states of the automaton that are kept
MAX_STEPS = 20000           # transitions of it that are kept

SPECIAL = u'^.[$()|*+?{\\'

CLASSES = {
    u'alpha': lambda char: char.isalpha(), u'digit': lambda char: u'0' <= char <= u'9',
    u'alnum': lambda char: char.isalnum(), u'space': lambda char: char.isspace(),
    u'blank': lambda char: char in u' \t', u'upper': lambda char: char.isalpha(),
    u'lower': lambda char: char.isalpha(), u'cntrl': lambda char: char < u' ' or char == u'\x7f',
    u'punct': lambda char: char > u' ' and char != u'\x7f' and not char.isalnum(),
    u'graph': lambda char: char > u' ' and char != u'\x7f' and not char.isspace(),
    u'print': lambda char: char >= u' ' and char != u'\x7f',
    u'xdigit': lambda char: char in u'0123456789abcdefABCDEF',
}       # type: Dict[str, Callable[[str], bool]]

_PLAIN = Pattern(u'[A-Za-z0-9]\\Z')

# Kinds of nodes.
CHAR, START, END, SPLIT, MATCH = range(5)


class BadExpression(CarryallError):
    """The pattern is malformed, or too large."""


class _Node(object):
    """A state of the pattern: where it leads, and what has to be passed for that."""

    __slots__ = ('kind', 'accepts', 'to', 'also')

    def __init__(self, kind, accepts=None):
        # type: (int, Any) -> None
        self.kind = kind
        self.accepts = accepts      # of CHAR: called with a character
        self.to = -1
        self.also = -1              # of SPLIT


class Expression(object):
    """A pattern.

    Raises:   BadExpression.

    Attributes:
        literal: letters and digits of ASCII (octets, in lower case) that each text with a match
            has; empty if there are none.
    """

    def __init__(self, pattern):
        # type: (str) -> None
        self._nodes = []            # type: List[_Node]
        self._parts = 0
        parser = _Parser(pattern)
        tree = parser.alternatives(0)
        if parser.at < len(pattern):
            raise BadExpression(u'a parenthesis is closed that is not open')
        self.literal = _literal(tree)
        self._final = self._add(MATCH)
        self._first = self._build(tree, self._final)
        # Set of nodes, and whether it is that before a text, to its number; what is known of each;
        # number and character to number.
        self._numbers = {}          # type: Dict[Tuple[FrozenSet[int], bool], int]
        self._sets = []             # type: List[Tuple[FrozenSet[int], bool, bool]]
        self._steps = {}            # type: Dict[Tuple[int, str], int]
        self._start = None          # type: Optional[int]  # number of the set before a text

    # -- from the tree to states -------------------------------------------------------------------

    def _add(self, kind, accepts=None, to=-1, also=-1):
        # type: (int, Any, int, int) -> int
        if len(self._nodes) >= MAX_NODES:
            raise BadExpression(u'the pattern is too large')
        node = _Node(kind, accepts)
        node.to = to
        node.also = also
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _build(self, tree, after, depth=0):
        # type: (Any, int, int) -> int
        """The number of the state that begins *tree* and goes on with *after*."""
        self._parts += 1
        if self._parts > MAX_PARTS or depth > MAX_NESTED:
            raise BadExpression(u'the pattern is too large')
        kind = tree[0]
        if kind == 'sequence':
            for part in reversed(tree[1]):
                after = self._build(part, after, depth + 1)
            return after
        if kind == 'either':
            first = self._build(tree[1][0], after, depth + 1)
            for part in tree[1][1:]:
                first = self._add(SPLIT, None, self._build(part, after, depth + 1), first)
            return first
        if kind == 'repeat':
            return self._repeat(tree, after, depth + 1)
        return self._add(kind, tree[1], after)

    def _repeat(self, tree, after, depth):
        # type: (Any, int, int) -> int
        _, part, least, most = tree
        if most is None:
            loop = self._add(SPLIT, None, -1, after)
            self._nodes[loop].to = self._build(part, loop, depth)
            after = loop
        else:
            end = after
            for _ in range(most - least):
                after = self._add(SPLIT, None, self._build(part, after, depth), end)
        for _ in range(least):
            after = self._build(part, after, depth)
        return after

    # -- search ------------------------------------------------------------------------------------

    def found_in(self, text):
        # type: (str) -> bool
        """True if the pattern matches somewhere in *text*."""
        if self._start is None:
            self._start = self._number([], True)
        state = self._start
        steps = self._steps
        for char in text:
            if self._sets[state][1]:
                return True
            following = steps.get((state, char))
            if following is None:
                following = self._step(state, char)
                steps = self._steps
            state = following
        return self._sets[state][2]

    def _step(self, state, char):
        # type: (int, str) -> int
        nodes = self._nodes
        passed = [nodes[each].to for each in self._sets[state][0]
                  if nodes[each].kind == CHAR and nodes[each].accepts(char)]
        if len(self._sets) >= MAX_SETS or len(self._steps) >= MAX_STEPS:
            self._numbers = {}
            self._sets = []
            self._steps = {}
            self._start = None
            return self._number(passed, False)
        following = self._number(passed, False)
        self._steps[state, char] = following
        return following

    def _number(self, reached, at_start):
        # type: (List[int], bool) -> int
        """The number of the set of states that are reached, with those that begin here."""
        here = self._closure(reached + [self._first], at_start, False)
        number = self._numbers.get((here, at_start))
        if number is None:
            number = len(self._sets)
            self._numbers[here, at_start] = number
            matched = self._final in here
            ended = matched or self._final in self._closure(list(here), at_start, True)
            self._sets.append((here, matched, ended))
        return number

    def _closure(self, reached, at_start, at_end):
        # type: (List[int], bool, bool) -> FrozenSet[int]
        """All states that are reached without a character."""
        found = set()               # type: Set[int]
        while reached:
            each = reached.pop()
            if each in found:
                continue
            found.add(each)
            node = self._nodes[each]
            if node.kind == SPLIT:
                reached.append(node.to)
                reached.append(node.also)
            elif node.kind == START and at_start or node.kind == END and at_end:
                reached.append(node.to)
        return frozenset(found)


class _Parser(object):
    """Reads a pattern into a tree of tuples.

    Attributes:
        at: of the next character.
    """

    def __init__(self, pattern):
        # type: (str) -> None
        self._pattern = pattern
        self.at = 0

    def _next(self):
        # type: () -> str
        return self._pattern[self.at:self.at + 1]

    def alternatives(self, depth):
        # type: (int) -> Any
        """The part between parentheses, or all."""
        if depth > MAX_DEPTH:
            raise BadExpression(u'there are too many parentheses')
        branches = [self._branch(depth)]
        while self._next() == u'|':
            self.at += 1
            branches.append(self._branch(depth))
        return branches[0] if len(branches) == 1 else ('either', branches)

    def _branch(self, depth):
        # type: (int) -> Any
        parts = []                  # type: List[Any]
        while self._next() not in (u'', u'|') and not (self._next() == u')' and depth):
            parts.append(self._repeated(depth))
        return ('sequence', parts)

    def _repeated(self, depth):
        # type: (int) -> Any
        part = self._atom(depth)
        repeated = 0
        while self._next() in (u'*', u'+', u'?', u'{'):
            repeated += 1
            if repeated > MAX_DEPTH:
                raise BadExpression(u'there are too many repetitions of one part')
            part = ('repeat', part) + self._bounds()
        return part

    def _bounds(self):
        # type: () -> Tuple[int, Optional[int]]
        """(least, most) of a repetition."""
        sign = self._next()
        self.at += 1
        if sign != u'{':
            return {u'*': (0, None), u'+': (1, None), u'?': (0, 1)}[sign]
        end = self._pattern.find(u'}', self.at)
        first, comma, second = self._pattern[self.at:max(end, 0)].partition(u',')
        least = decimal_text(first, MAX_REPEAT)
        most = decimal_text(second, MAX_REPEAT) if second else None
        if not comma:
            most = least
        if least is None or second and (most is None or most < least):
            raise BadExpression(u'a repetition such as {1,2} is malformed')
        self.at = end + 1
        return least, most

    def _atom(self, depth):
        # type: (int) -> Any
        char = self._next()
        self.at += 1
        if char == u'(':
            inner = self.alternatives(depth + 1)
            if self._next() != u')':
                raise BadExpression(u'a parenthesis is not closed')
            self.at += 1
            return inner
        if char == u'^':
            return (START, None)
        if char == u'$':
            return (END, None)
        if char == u'.':
            return (CHAR, _anything)
        if char == u'[':
            return (CHAR, self._bracket())
        if char in (u'*', u'+', u'?', u'{', u')'):
            raise BadExpression(u'"%s" repeats or closes nothing' % char)
        if char == u'\\':
            char = self._next()
            self.at += 1
            if not char:
                raise BadExpression(u'the pattern ends with a backslash')
        return (CHAR, _One(char))

    def _bracket(self):
        # type: () -> Any
        negative = self._next() == u'^'
        self.at += 1 if negative else 0
        singles = set()             # type: Set[str]
        ranges = []                 # type: List[Tuple[str, str]]
        classes = []                # type: List[Any]
        first = True
        while first or self._next() != u']':
            first = False
            if self._pattern.startswith(u'[:', self.at):
                classes.append(self._class())
                continue
            low = self._member()
            if self._next() == u'-' and self._pattern[self.at + 1:self.at + 2] not in (u']', u''):
                self.at += 1
                high = self._member()
                if high < low:
                    raise BadExpression(u'a range ends before it begins')
                ranges.append((low, high))
            else:
                singles.update((low, low.lower(), low.upper()))
        self.at += 1
        return _bracket(negative, singles, ranges, classes)

    def _member(self):
        # type: () -> str
        char = self._next()
        if not char:
            raise BadExpression(u'a bracket is not closed')
        self.at += 1
        return char

    def _class(self):
        # type: () -> Any
        end = self._pattern.find(u':]', self.at)
        name = self._pattern[self.at + 2:max(end, 0)]
        if name not in CLASSES:
            raise BadExpression(u'"%s" is no class of characters' % name)
        self.at = end + 2
        return CLASSES[name]


def _literal(tree):
    # type: (Any) -> bytes
    """The longest run of letters and digits that no way through the pattern passes by."""
    longest = b''
    run = b''
    for part in tree[1] if tree[0] == 'sequence' else ():
        char = getattr(part[1], 'char', u'') if part[0] == CHAR else u''
        # Letters and digits of ASCII: of others, capitals and small ones may differ in number.
        run = run + char.lower().encode('ascii') if _PLAIN.match(char) else b''
        if len(run) > len(longest):
            longest = run
    return longest


def _anything(_):
    # type: (str) -> bool
    return True


class _One(object):
    """Accepts one character, in either case."""

    __slots__ = ('char', '_accepted')

    def __init__(self, char):
        # type: (str) -> None
        self.char = char
        self._accepted = frozenset((char, char.lower(), char.upper()))

    def __call__(self, char):
        # type: (str) -> bool
        return char in self._accepted


def _bracket(negative, singles, ranges, classes):
    # type: (bool, Any, Any, Any) -> Any
    """A function that accepts the characters of a bracket, in either case."""
    def accepts(char):
        # type: (str) -> bool
        forms = (char, char.lower(), char.upper())
        found = char in singles or any(low <= form <= high for low, high in ranges
                                       for form in forms)
        return (found or any(each(char) for each in classes)) != negative
    return accepts
