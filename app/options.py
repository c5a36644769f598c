# Copyright the carryall authors.  See LICENSE.
"""Options: a schema, which defines the command line, the help, the checks, and the values in a tap.

For example::

    schema = Schema([
        Option('port', Endpoint(), short='p', default='tcp:8080', help='where to listen'),
        Option('index', Text(1), short='i', repeat=True, help='file to show for a folder'),
        Option('mime-type', Pair(), short='m', repeat=True, help='type of files with this ending'),
        Flag('list-folders', help='list a folder without an index')],
        examples=[('carryall web --path site -p 8000', 'the folder site on port 8000')])

    options = schema.parse(['-p8000', '--index', 'a.html', '--mime_type=.x=text/x'])
    options.port == u'tcp:8000'; options.mime_type == [(u'.x', u'text/x')];
    options.list_folders is False

The command line has these forms:

- `--name value`, `--name=value`, `-p value`, `-pvalue`
- `--flag`, `--no-flag` for a flag that is on, `-vq` for two flags
- `--` ends the options

Within a name `_` and `-` are the same.  Of an option given twice the last counts, unless it
repeats.  A form is a word with options of its own (`news ... dbapi --schema x`).

The values are an object with an attribute for each option (app/optionvalues.py), whose name has `_`
for `-`.  An attribute is None if neither a value nor a default was given, and [] for a repeated
option.  A tap holds the same values as a dict.

Tests:    tests/app/test_options.py
"""
from __future__ import absolute_import, division, print_function

import copy

from carryall.core.compat import text_type
from carryall.core.errors import CarryallError, UnknownOption, UsageError
from carryall.app.optiongroup import flattened
from carryall.app.optiontypes import (Choice, Endpoint, Integer, Kind, Pair, Path, Port, Seconds,
                                      Size, Text, to_text)
from carryall.app.optionvalues import OptionValues, attribute_name, plain, value_of, values_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

__all__ = ['Argument', 'Choice', 'Endpoint', 'Flag', 'Form', 'HelpRequested', 'Integer', 'Kind',
           'Option', 'Pair', 'OptionValues', 'Path', 'Port', 'Schema', 'Seconds', 'Size', 'Text',
           'plain']

# -- limits ------------------------------------------------------------------
MAX_WORDS = 10000           # words of a command line

# Names by which the types call the same thing: each takes the others', where it has one of them.
VOCABULARY = (('path', 'root', 'directory', 'folder'), ('interface', 'bind'),
              ('passwords', 'password-file', 'passwordfile', 'accounts'),
              ('user', 'account'), ('key', 'privkey'))
FOLDER_LETTER = u'd'        # means the folder to serve, unless a type has the letter
MAX_REPEATS = 1000          # values of one repeated option


class HelpRequested(CarryallError):
    """`--help` (or `-h`, if it is free) was given.

    Args:     everything: `--help all`: the options that few need, too.
    """

    def __init__(self, everything=False):
        # type: (bool) -> None
        CarryallError.__init__(self, u'help is asked for')
        self.everything = everything


class Option(object):
    """An option with a value.

    Args:     name:     long name with `-`; the key among the values has `_` instead.
              kind:     the type of the value, a Kind.
              short:    one letter.
              default:  a text as on the command line, or None.
              help:     its purpose, half a sentence in lower case without a full stop.
              repeat:   may be given many times; the value is then a list.
              required: must be given.
              aliases:  further long names, old spellings.
              group:    its heading in the help.
              secret:   its value is never shown.
    """

    takes_value = True

    def __init__(self,
                 name,              # type: str
                 kind,              # type: Kind
                 short=None,        # type: Optional[str]
                 default=None,      # type: Optional[str]
                 help='',           # type: str
                 repeat=False,      # type: bool
                 required=False,    # type: bool
                 aliases=(),        # type: Sequence[str]
                 group='options',   # type: str
                 secret=False       # type: bool
                 ):
        # type: (...) -> None
        self.name = name.replace('_', '-')
        self.key = text_type(name.replace('-', '_'))
        self.attribute = attribute_name(self.key)
        self.secret = secret
        self.kind = kind
        self.short = short
        self.help = help
        self.repeat = repeat
        self.required = required
        self.aliases = tuple(alias.replace('_', '-') for alias in aliases)
        self.group = group
        self.default_text = None if default is None else text_type(default)
        if repeat and default is not None:
            raise ValueError('option %s repeats and so has no default' % name)

    def without_short(self):
        # type: () -> Option
        """The same without its letter."""
        other = copy.copy(self)
        other.short = None
        return other

    def default(self):
        # type: () -> Any
        """A new default value; a path is made absolute now."""
        if self.repeat:
            return []
        return None if self.default_text is None else self.kind.parse(self.default_text)

    def read(self, text, values):
        # type: (str, Dict[str, Any]) -> None
        """Puts the value of the text into a dict of the values so far."""
        value = self.kind.parse(text)
        if not self.repeat:
            values[self.key] = value
            return
        if len(values[self.key]) >= MAX_REPEATS:
            raise UsageError(u'it is given more than %d times' % MAX_REPEATS)
        values[self.key].append(value)

    def check(self, value):
        # type: (Any) -> None
        """Raises UsageError unless the value could have come from a command line."""
        if self.repeat:
            if not isinstance(value, list) or len(value) > MAX_REPEATS:
                raise UsageError(u'a list of at most %d values is wanted' % MAX_REPEATS)
        elif value is None and not self.required:
            return
        for one in self.each(value):
            self.kind.check(one)

    def each(self, value):
        # type: (Any) -> List[Any]
        """The single values in a value."""
        if self.repeat:
            return value
        return [] if value is None else [value]

    def words(self, value):
        # type: (Any) -> List[str]
        """The words of a command line that give this value."""
        return [u'--%s=%s' % (self.name, self.kind.show(one)) for one in self.each(value)]


class Flag(Option):
    """An option that is on or off."""

    takes_value = False

    def __init__(self, name, short=None, default=False, help='', aliases=(), group='options'):
        # type: (str, Optional[str], bool, str, Sequence[str], str) -> None
        Option.__init__(self, name, Kind(), short, None, help, aliases=aliases, group=group)
        self.on = default

    def default(self):
        return self.on

    def check(self, value):
        if not isinstance(value, bool):
            raise UsageError(u'true or false is wanted')

    def each(self, value):
        return []

    def words(self, value):
        if value == self.on:
            return []
        return [u'--%s' % self.name if value else u'--no-%s' % self.name]


class Argument(Option):
    """A word without dashes, by its position; one that repeats takes all further ones."""

    def __init__(self, name, kind, help='', required=True, repeat=False):
        # type: (str, Kind, str, bool, bool) -> None
        Option.__init__(self, name, kind, None, None, help, repeat=repeat, required=required,
                        group='arguments')


class Form(object):
    """A word that ends the options and has its own: `options.form` is its name,
    `options.form_values` its values."""

    def __init__(self, name, schema, summary=''):
        # type: (str, Schema, str) -> None
        self.name = name
        self.schema = schema
        self.summary = summary


class Schema(object):
    """All options of one command or service type.

    Args:     options:   Option, Flag and OptionGroup objects,
              in the order in which the help shows them.
              arguments: Argument objects for the words without dashes.
              forms:     Form objects; there are then no arguments.
              examples:  (command line, its effect) for the help.
              check:     called with the values after parsing or loading;
                         raises UsageError for contradictory options.
              former:    {long name or letter: advice} of former options, for users who still give
                         them.
              name:      of the command or service type, for errors in a program.
              first:     names of the options that the help shows unless asked for all; empty for
                         all of them.
    """

    def __init__(self,
                 options,           # type: Iterable[Option]
                 arguments=(),      # type: Iterable[Argument]
                 forms=(),          # type: Iterable[Form]
                 examples=(),       # type: Sequence[Tuple[str, str]]
                 check=None,        # type: Any
                 former=None,       # type: Optional[Dict[str, str]]
                 name='',           # type: str
                 first=()           # type: Sequence[str]
                 ):
        # type: (...) -> None
        self.name = name
        self.first = tuple(first)
        self.options = flattened(options)
        self.arguments = list(arguments)
        self.forms = list(forms)
        self.examples = list(examples)
        self._check = check
        self._former = dict(former or {})
        self._class = None      # type: Any  # of the values; made when the first are
        self._long = {}         # type: Dict[str, Option]
        self._short = {}        # type: Dict[str, Option]
        for option in self.options:
            for name in (option.name,) + option.aliases:
                _enter(self._long, name, option)
            if option.short:
                _enter(self._short, option.short, option)
        if self.forms and self.arguments:
            raise ValueError('a schema has arguments or forms, not both')
        for name in self.first:
            if name not in self._long:
                raise ValueError('there is no option %s to show first' % name)

    def extended(self, options):
        # type: (Iterable[Option]) -> Schema
        """A new schema that has these options too."""
        return Schema(self.options + flattened(options), self.arguments, self.forms, self.examples,
                      self._check, self._former, self.name, self.first)

    def __iter__(self):
        return iter(self.options + self.arguments)

    # -- command line ------------------------------------------------------------------------------

    def parse(self, words, bare=False):
        # type: (Sequence[Any], bool) -> OptionValues
        """The values of these words; UsageError or HelpRequested.

        Args:     bare: digits without a dash may be the port, another word the folder to serve.
        """
        found, rest = self._read_words(words, False)
        self._place(rest, found, bare)
        return self._finish(found)

    def parse_head(self, words):
        # type: (Sequence[Any]) -> Tuple[OptionValues, List[str]]
        """The values of the options up to the first word without dashes,
        and the words from there on.

        Required options may be missing.
        """
        found, rest = self._read_words(words, True)
        return self._typed(found), rest

    def _read_words(self, words, stop):
        # type: (Sequence[Any], bool) -> Tuple[Dict[str, Any], List[str]]
        """Reads the options, with *stop* up to the first word without dashes;
        (values, other words)."""
        if len(words) > MAX_WORDS:
            raise UsageError(u'the command line has more than %d words' % MAX_WORDS)
        texts = [to_text(word) for word in words]
        values = self._plain_defaults()
        rest = []       # type: List[str]
        index = 0
        while index < len(texts):
            word = texts[index]
            index += 1
            if word == u'--':
                rest.extend(texts[index:])
                break
            if word == u'-' or not word.startswith(u'-'):
                rest.append(word)
                if stop or self.forms:
                    rest.extend(texts[index:])
                    break
            elif word.startswith(u'--'):
                index += self._long_word(word, texts[index:index + 1], values)
            else:
                index += self._short_word(word, texts[index:index + 1], values)
        return values, rest

    def _long_word(self, word, following, values):
        # type: (str, List[str], Dict[str, Any]) -> int
        """Reads `--name`, `--name=value` or `--name value`; the number of words after the first."""
        name, equals, text = word[2:].partition(u'=')
        name = name.replace(u'_', u'-')
        option = self._long.get(name)
        if option is None:
            return self._other_long(name, equals, text, following, values)
        if not option.takes_value:
            given = bool(equals) or following[:1] != [] and not following[0].startswith(u'-')
            valued = self._valued_alike(name) if given else None
            if valued is not None:
                return self._long_word(u'--' + valued.name + (equals and equals + text), following,
                                       values)
            if equals:
                raise UsageError(u'option --%s takes no value' % name)
            values[option.key] = True
            return 0
        if equals:
            _read(option, u'--' + name, text, values)
            return 0
        if not following:
            raise UsageError(u'option --%s needs a value: --%s %s'
                             % (name, name, option.kind.metavar))
        _read(option, u'--' + name, following[0], values)
        return 1

    def _other_long(self, name, equals, text, following, values):
        # type: (str, str, str, List[str], Dict[str, Any]) -> int
        if name == u'help':
            raise HelpRequested(u'all' in (text, u''.join(following)))
        option = self._long.get(name[3:]) if name.startswith(u'no-') else None
        if option is not None and not option.takes_value and not equals:
            values[option.key] = False
            return 0
        if name in self._former:
            raise UsageError(u'option --%s: %s' % (name, self._former[name]))
        option = self.named_alike(name)
        if option is not None:
            return self._long_word(u'--' + option.name + (equals and equals + text), following,
                                   values)
        raise UnknownOption(u'there is no option --%s%s' % (name, self._nearest(name)))

    def named_alike(self, name):
        # type: (str) -> Optional[Option]
        """The option that is meant by a name of VOCABULARY that other types use; None if there is
        none, or more than one.
        """
        for names in VOCABULARY:
            if name in names:
                found = [self._long[each] for each in names if each in self._long]
                return found[0] if len(found) == 1 else None
        return None

    def _valued_alike(self, name):
        # type: (str) -> Optional[Option]
        """The option with a value that a name of VOCABULARY means too, beside a flag of this name.
        """
        for names in VOCABULARY:
            if name in names:
                found = [self._long[each] for each in names if each in self._long]
                found = [option for option in found if option.takes_value]
                return found[0] if len(found) == 1 else None
        return None

    def _short_word(self, word, following, values):
        # type: (str, List[str], Dict[str, Any]) -> int
        """Reads `-p value`, `-pvalue` or the flags `-vq`; the number of words after the first."""
        for place in range(1, len(word)):
            letter = word[place]
            option = self._short.get(letter)
            if option is None and letter == FOLDER_LETTER:
                option = self._served()
            if option is None:
                if letter == u'h':
                    raise HelpRequested(u'all' in following)
                if letter in self._former:
                    raise UsageError(u'option -%s: %s' % (letter, self._former[letter]))
                raise UnknownOption(u'there is no option -%s' % letter)
            if not option.takes_value:
                values[option.key] = True
                continue
            text = word[place + 1:]
            if not text and not following:
                raise UsageError(u'option -%s needs a value: -%s %s'
                                 % (letter, letter, option.kind.metavar))
            _read(option, u'-' + letter, text or following[0], values)
            return 0 if text else 1
        return 0

    def _nearest(self, name):
        # type: (str) -> str
        """`; did you mean --x?` if a name is similar."""
        import difflib      # needed only after a mistyped option
        near = difflib.get_close_matches(name, list(self._long), 1)
        return u'; did you mean --%s?' % near[0] if near else u''

    def _place(self, rest, values, bare):
        # type: (List[str], Dict[str, Any], bool) -> None
        """Gives the words without dashes to the arguments or the form."""
        if self.forms and rest:
            for form in self.forms:
                if form.name == rest[0]:
                    values[u'form'] = text_type(form.name)
                    values[u'form_values'] = form.schema.parse(rest[1:])
                    return
            raise UsageError(u'"%s" is none of %s'
                             % (rest[0], u', '.join(form.name for form in self.forms)))
        rest = list(rest)
        for argument in self.arguments:
            while rest:
                _read(argument, argument.name.upper(), rest.pop(0), values)
                if not argument.repeat:
                    break
        for word in rest:
            option = self._meant_by(word) if bare and not self.arguments else None
            if option is None or values[option.key] != option.default():
                why = u'every option begins with a dash'
                if self.arguments:
                    why = u'too many words'
                elif option is not None:
                    why = u'--%s is given already' % option.name
                raise UsageError(u'what is "%s"? %s' % (word, why))
            _read(option, u'--' + option.name, word, values)

    def _meant_by(self, word):
        # type: (str) -> Optional[Option]
        """The option whose value a bare word is: digits are a port, another word is the folder to
        serve.
        """
        if word.isdigit():
            return self._long.get(u'port')
        return self._served() if word and not word.startswith(u'-') else None

    def _served(self):
        # type: () -> Optional[Option]
        """The option for the folder to serve; None if there is none."""
        option = self.named_alike(VOCABULARY[0][0])
        if option is None or getattr(option.kind, 'what', None) not in ('any', 'folder'):
            return None
        return option

    def _finish(self, found):
        # type: (Dict[str, Any]) -> OptionValues
        for option in self:
            if option.required and found[option.key] in (None, []):
                name = option.name.upper() if isinstance(option, Argument) else u'option --%s' \
                    % option.name
                raise UsageError(u'%s must be given' % name)
        values = self._typed(found)
        if self._check is not None:
            self._check(values)
        return values

    # -- values ------------------------------------------------------------------------------------

    def _typed(self, found):
        # type: (Dict[str, Any]) -> OptionValues
        if self._class is None:
            self._class = values_class(self.name, list(self), bool(self.forms))
        return self._class(found)

    def defaults(self):
        # type: () -> OptionValues
        """The values of an empty command line, required options missing."""
        return self._typed(self._plain_defaults())

    def narrowed(self, values):
        # type: (OptionValues) -> OptionValues
        """The values of this schema's options out of those of an extended one."""
        return self._typed(dict((option.key, value_of(values, option)) for option in self))

    def _plain_defaults(self):
        # type: () -> Dict[str, Any]
        values = dict((option.key, option.default()) for option in self)    # type: Dict[str, Any]
        if self.forms:
            values.update({u'form': None, u'form_values': None})
        return values

    def complete(self, values):
        # type: (Any) -> OptionValues
        """Checks values from a tap, a dict; options that are newer than the tap get their defaults.

        Raises:   UsageError: an unknown name, or a value that is impossible on a command line.
        """
        if isinstance(values, OptionValues):
            values = plain(values)
        if not isinstance(values, dict):
            raise UsageError(u'the options are not a dict')
        result = self._plain_defaults()
        for key in sorted(values):
            if key not in result:
                raise UsageError(u'there is no option %s' % (key,))
            result[key] = values[key]
        for option in self:
            try:
                option.check(result[option.key])
            except UsageError as exc:
                raise UsageError(u'option %s: %s' % (option.name, exc.message))
        if self.forms:
            self._complete_form(result)
        return self._finish(result)

    def _complete_form(self, values):
        # type: (Dict[str, Any]) -> None
        if values[u'form'] is None and values[u'form_values'] is None:
            return
        for form in self.forms:
            if form.name == values[u'form']:
                values[u'form_values'] = form.schema.complete(values[u'form_values'])
                return
        raise UsageError(u'there is no form %s' % (values[u'form'],))

    def problems(self, values):
        # type: (Any) -> List[str]
        """One sentence for each value that cannot work on this machine now, such as a missing
        folder."""
        return [u'%s: %s' % (option.name.upper() if isinstance(option, Argument) else u'option --'
                             + option.name, problem)
                for option in self
                for one in option.each(value_of(values, option))
                for problem in option.kind.problems(one)]

    def endpoints(self, values):
        # type: (Any) -> List[str]
        """The values of all options that are endpoints."""
        return [one for option in self if isinstance(option.kind, Endpoint)
                for one in option.each(value_of(values, option))]

    def words(self, values):
        # type: (Any) -> List[str]
        """A command line that gives these values, without defaults."""
        words = []      # type: List[str]
        for option in self.options:
            value = value_of(values, option)
            if value != option.default():
                words.extend(option.words(value))
        for argument in self.arguments:
            words.extend(argument.kind.show(one)
                         for one in argument.each(value_of(values, argument)))
        given = plain(values)
        for form in self.forms:
            if given[u'form'] == form.name:
                words.append(text_type(form.name))
                words.extend(form.schema.words(given[u'form_values']))
        return words


def _enter(table, name, option):
    # type: (Dict[str, Option], str, Option) -> None
    if name in table:
        raise ValueError('duplicate option name %s' % name)
    table[name] = option


def _read(option, name, text, values):
    # type: (Option, str, str, Dict[str, Any]) -> None
    try:
        option.read(text, values)
    except UsageError as exc:
        raise UsageError(u'option %s: %s' % (name, exc.message) if name.startswith(u'-')
                         else u'%s: %s' % (name, exc.message))
