# Copyright the carryall authors.  See LICENSE.
"""`carryall completion SHELL`: prints a script that completes commands, options and values.

    carryall completion bash > ~/.local/share/bash-completion/completions/carryall
    carryall completion fish > ~/.config/fish/completions/carryall.fish
    source <(carryall completion zsh)

The script holds everything that the schemas say, so no program is started while the user types.
A *place* is the command that has been typed so far: nothing, `web`, `cert make`, `mktap web`.

Status:   0 the script was printed; 2 the command line cannot be used.
Tests:    tests/commands/test_completion.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.commands.catalogue import TYPES, known_types
from carryall.commands.console import run_command, show_help, write_all
from carryall.commands.reference import main_page, pages
from carryall.core.compat import text_type
from carryall.app.optiontypes import Choice, Path
from carryall.app.options import Argument, HelpRequested, Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Sequence, Tuple

__all__ = ['SCHEMA', 'SUMMARY', 'main', 'places', 'script']

SHELLS = ('bash', 'zsh', 'fish')
# variables of the script, and the options whose names they hold
LISTS = (('valued', ('file', 'folder', 'other')), ('files', ('file',)), ('folders', ('folder',)))
PROGRAMS = ('carryall', 'carryalld', 'mktap', 'twistd')     # names that the script completes
SUMMARY = (u'Prints a script that completes commands, options and values of carryall in a shell. '
           u'bash and fish load it from a file in their folder of completions; zsh reads it with '
           u'"source <(carryall completion zsh)".')
SCHEMA = Schema([], [
    Argument('shell', Choice(SHELLS), help='the shell that reads the script')], examples=[
    ('carryall completion bash', 'the script for bash')])


class Place(object):
    """The words that may follow those typed so far.

    Args:     path:    the words, 'cert make'.
              words:   (word, summary) of commands, types, verbs or choices.
              options: Option objects.
    """

    __slots__ = ('path', 'words', 'options')

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        self.words = []         # type: List[Tuple[str, str]]
        self.options = []       # type: List[Any]

    def add(self, schema):
        # type: (Schema) -> None
        """Offers the options and the choices of a schema too."""
        known = set(option.name for option in self.options)
        self.options += [option for option in schema.options if option.name not in known]
        for argument in schema.arguments:
            if isinstance(argument.kind, Choice):
                self.words += [(word, u'') for word in argument.kind.words]


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    return run_command(u'carryall completion', _main, words)


def _main(words):
    # type: (Sequence[Any]) -> int
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall completion', SCHEMA, SUMMARY)
    write_all(sys.stdout, script(options.shell))
    return 0


def places():
    # type: () -> Dict[str, Place]
    """Every place, by its path."""
    found = {}      # type: Dict[str, Place]

    def place(path):
        # type: (str) -> Place
        if path not in found:
            found[path] = Place(path)
        return found[path]

    place(u'').add(main_page().usages[0].schema)
    for page in pages():
        place(u'').words.append((page.name, page.summary))
        for usage in page.usages:
            words = usage.words[1:]
            place(u' '.join(words)).add(usage.schema)
            if len(words) > 1:
                place(words[0]).words.append((words[1], usage.summary))
            if words[0] == 'serve' and len(words) > 1:
                place(words[1]).add(usage.schema)       # `serve` may be left out
    for name, _, summary in TYPES:
        place(u'mktap').words.append((name, summary))
        place(u'mktap ' + name).add(known_types().get(name).options)
    return found


def script(shell):
    # type: (str) -> str
    """The script for one of SHELLS."""
    found = places()
    if shell == u'fish':
        return _fish(found)
    begin = u'autoload -U +X bashcompinit && bashcompinit\n' if shell == u'zsh' else u''
    return HEAD % shell + begin + _bash(found)


def _names(option):
    # type: (Any) -> List[str]
    """All spellings of an option."""
    names = [u'--' + name for name in (option.name,) + option.aliases]
    return names + ([u'-' + option.short] if option.short else [])


def _offered(place):
    # type: (Place) -> List[str]
    """The long options that are shown to the user."""
    shown = [u'--' + option.name for option in place.options]
    shown += [u'--no-' + option.name for option in place.options
              if not option.takes_value and option.default()]
    return shown + [u'--help']


def _takes(option):
    # type: (Any) -> str
    """`file`, `folder`, `other`, or an empty text for a flag."""
    if not option.takes_value:
        return u''
    if isinstance(option.kind, Path):
        return u'folder' if option.kind.what == 'folder' else u'file'
    return u'file' if option.kind.metavar == 'FILE' else u'other'


def _line(name, words):
    # type: (str, Iterable[str]) -> str
    return u"        %s=' %s '" % (name, u' '.join(words))


# -- bash, and zsh by its bashcompinit ------------------------------------------------------------

HEAD = u'# Copyright the carryall authors.  See LICENSE.\n# Made by "carryall completion %s".\n'
BASH = u"""
_carryall() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local program=${COMP_WORDS[0]##*/} place= word= index=1
    local words= options= valued= files= folders=
    if [[ $current == '=' ]]; then
        current=
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $program in
    carryalld) place=twistd ;;
    mktap|twistd) place=$program ;;
    carryall-*) place=${program#carryall-} ;;
    esac
    _carryall_place "$place"
    while (( index < COMP_CWORD )); do
        word=${COMP_WORDS[index]}
        index=$((index + 1))
        if [[ $word == -* ]]; then
            if [[ $valued == *" $word "* ]]; then
                if [[ ${COMP_WORDS[index]} == '=' ]]; then
                    index=$((index + 1))
                fi
                index=$((index + 1))
            fi
        elif [[ $words == *" $word "* ]]; then
            place="$place${place:+ }$word"
            _carryall_place "$place"
        fi
    done
    if [[ $valued == *" $previous "* ]]; then
        words=$(_carryall_choices "$place $previous")
        local IFS=$' \t\n'
        if [[ $folders == *" $previous "* ]]; then
            compopt -o filenames 2>/dev/null
            IFS=$'\n'
            COMPREPLY=($(compgen -d -- "$current"))
        elif [[ $files == *" $previous "* ]]; then
            compopt -o filenames 2>/dev/null
            IFS=$'\n'
            COMPREPLY=($(compgen -f -- "$current"))
        else
            COMPREPLY=($(compgen -W "$words" -- "$current"))
        fi
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}

complete -o default -F _carryall %s
"""


def _bash(found):
    # type: (Dict[str, Place]) -> str
    lines = [u'', u'_carryall_place() {', u'    words= options= valued= files= folders=']
    lines.append(u'    case $1 in')
    for path in sorted(found):
        place = found[path]
        lines.append(u"    '%s')" % path)
        lines.append(_line(u'words', [word for word, _ in place.words]))
        lines.append(_line(u'options', _offered(place)))
        for name, kinds in LISTS:
            names = [each for option in place.options if _takes(option) in kinds
                     for each in _names(option)]
            lines.append(_line(name, names))
        lines.append(u'        ;;')
    lines += [u'    esac', u'}', u'', u'_carryall_choices() {', u'    case $1 in']
    for path in sorted(found):
        for option in found[path].options:
            if isinstance(option.kind, Choice):
                patterns = u'|'.join(u"'%s %s'" % (path, name) for name in _names(option))
                lines.append(u"    %s) echo '%s' ;;" % (patterns, u' '.join(option.kind.words)))
    programs = list(PROGRAMS) + [u'carryall-' + word for word, _ in found[u''].words]
    return u'\n'.join(lines + [u'    esac', u'}']) + u'\n' + BASH % u' '.join(programs)


# -- fish ----------------------------------------------------------------------------------------

FISH = u"""
function __carryall_place
    set -l words (commandline -opc)
    set -l program (string replace -r '.*/' '' -- $words[1])
    set -l place
    switch $program
        case carryalld
            set place twistd
        case mktap twistd
            set place $program
    end
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            if contains -- "$place:$word" $__carryall_valued
                set skip 1
            end
        else if contains -- (string trim "$place $word") $__carryall_places
            set place (string trim "$place $word")
        end
    end
    echo "$place"
end

function __carryall_at
    test (__carryall_place) = "$argv"
end
"""


def _fish(found):
    # type: (Dict[str, Place]) -> str
    valued = [u'%s:%s' % (path, name) for path in sorted(found) for option in found[path].options
              if option.takes_value for name in _names(option)]
    paths = u' '.join(_quoted(path) for path in sorted(found) if path)
    lines = [u'set -g __carryall_places ' + paths,
             u'set -g __carryall_valued ' + u' '.join(_quoted(each) for each in valued),
             FISH.strip(), u'']
    for program in PROGRAMS:
        lines.append(u'complete -c %s -f' % program)
    for path in sorted(found):
        place = found[path]
        for program in PROGRAMS:
            if program == u'carryall' or path.split()[:1] == [_place_of(program)]:
                condition = _quoted(u'__carryall_at ' + (path or u"''"))
                at = u'complete -c %s -n %s' % (program, condition)
                for word, summary in place.words:
                    lines.append(u'%s -a %s -d %s' % (at, word, _quoted(summary)))
                lines += [at + _fish_option(option) for option in place.options]
                lines.append(at + u' -l help -d %s' % _quoted(u'show the options'))
    return HEAD % u'fish' + u'\n' + u'\n'.join(lines) + u'\n'


def _place_of(program):
    # type: (str) -> str
    return u'twistd' if program == u'carryalld' else text_type(program)


def _fish_option(option):
    # type: (Any) -> str
    words = u''.join(u' -l ' + name for name in (option.name,) + option.aliases)
    if option.short:
        words += u' -s ' + option.short
    takes = _takes(option)
    if isinstance(option.kind, Choice):
        words += u' -x -a ' + _quoted(u' '.join(option.kind.words))
    elif takes in (u'file', u'folder'):
        words += u' -r -F'
    elif takes:
        words += u' -x'
    return words + u' -d ' + _quoted(option.help)


def _quoted(text):
    # type: (str) -> str
    """The text in single quotes, as fish reads them."""
    return u"'%s'" % text.replace(u'\\', u'\\\\').replace(u"'", u"\\'")
