# Copyright the carryall authors.  See LICENSE.
"""The sections of a manual page, made of the schemas in commands/reference.py.

    rendered(1600000000)        # {'carryall.1': '...', 'carryall-web.1': '...', ...}

A page is called carryall-NAME.  Programs that have a name of their own (mktap, twistd) have a page
of that name too, with the same text.  A package may leave it out if another package has the name.
"""
import re
import time

from admin.manual.mdoc import argument, capital, escaped, literal, paragraph, sentence
from carryall import __version__
from carryall.commands.reference import main_page, pages
from carryall.app.usage import option_notes

SECTION = 1
ALIASES = {'mktap': ('mktap',), 'twistd': ('twistd', 'carryalld')}
STATUS = re.compile(r'(\d+) ')
ENVIRONMENT = (
    ('CARRYALL_PASSWORD',
     'The password of a client command, which is asked for at the terminal otherwise.'),
    ('CARRYALL_TYPES',
     'A folder with files *.carryall-types, each of which names further types of service.'),
)


def rendered(epoch):
    """File name to text of every page, with the date of *epoch* in seconds."""
    main = main_page()
    others = pages()
    trailer = main.usages[0].trailer
    first = _page(main, 'carryall', ['carryall'], epoch, _lists(others), trailer)
    found = {'carryall.%d' % SECTION: first}
    for page in others:
        names = ['carryall-' + page.name]
        aliases = ALIASES.get(page.name, ())
        for name in names + list(aliases):
            text = _page(page, name, [name], epoch, [], trailer)
            found['%s.%d' % (name, SECTION)] = text
    return found


def _page(page, title, names, epoch, more, status):
    """The text of one page; *status* is the exit status of commands that do not tell their own."""
    date = time.gmtime(epoch)
    lines = ['.\\" Copyright the carryall authors.  See LICENSE.',
             '.\\" Made of the option schemas by admin/manpages.',
             '.Dd %s %d, %d' % (time.strftime('%B', date), date.tm_mday, date.tm_year),
             '.Dt %s %d' % (title.upper(), SECTION), '.Os "carryall %s"' % __version__, '.Sh NAME']
    lines += ['.Nm ' + ' , '.join(names), '.Nd ' + escaped(page.summary), '.Sh SYNOPSIS']
    for usage in page.usages:
        lines += _synopsis(_words(usage, title), usage)
    lines.append('.Sh DESCRIPTION')
    for index, usage in enumerate(page.usages):
        if len(page.usages) > 1:
            lines.append('.Ss ' + argument(_heading(page, usage, title)))
        lines += _description(usage, nested=len(page.usages) > 1)
    lines += more
    if _has_environment(page):
        lines += ['.Sh ENVIRONMENT', '.Bl -tag -width Ds']
        for name, text in ENVIRONMENT:
            lines += ['.It Ev ' + name] + paragraph(text)
        lines.append('.El')
    lines += _statuses(page, status)
    lines += _examples(page)
    lines.append('.Sh SEE ALSO')
    others = [name for name in ('carryall', 'carryall-mktap', 'carryall-twistd') if name != title]
    lines += ['.Xr %s %d ,' % (name, SECTION) for name in others[:-1]]
    lines.append('.Xr %s %d' % (others[-1], SECTION))
    return '\n'.join(lines) + '\n'


def _words(usage, title):
    """The words of a call; a program that has a page of its own name is called by it."""
    if title and not title.startswith('carryall'):
        return (title,) + usage.words[2:]
    return (title,) if title == 'carryalld' else usage.words


def _heading(page, usage, title):
    """The words that tell the usages of a page apart."""
    words = ' '.join(_words(usage, title))
    if not page.is_type:
        return words
    return 'The server' if usage is page.usages[-1] else 'The client'


def _synopsis(words, usage):
    lines = ['.Nm ' + argument(' '.join(words))]
    schema = usage.schema
    lines += ['.Fl %s Ar %s' % (escaped('-' + option.name), argument(option.kind.metavar))
              for option in schema.options if option.required]
    if schema.options:
        lines.append('.Op Ar option ...')
    for each in schema.arguments:
        word = argument(each.name.upper()) + (' ...' if each.repeat else '')
        lines.append('.Ar ' + word if each.required else '.Op Ar ' + word)
    if schema.forms:
        lines.append('.Op Ar ' + argument('|'.join(form.name for form in schema.forms)))
    for word in usage.extra:
        inner = word.strip('[]')
        macro = '.Op Ar ' if word.startswith('[') else '.Ar '
        parts = [part if part == '...' else argument(part) for part in inner.split()]
        lines.append(macro + ' '.join(parts))
    return lines


def _description(usage, nested):
    lines = paragraph(sentence(usage.summary))
    for part in _trailing(usage.trailer, status=False):
        if not part.startswith('password: '):       # the section ENVIRONMENT tells that
            lines += ['.Pp'] + paragraph(sentence(part))
    shown = usage.schema.arguments + usage.schema.options
    groups = []
    for option in shown:
        if option.group not in groups:
            groups.append(option.group)
    for group in groups:
        if nested:
            lines += ['.Pp', 'The %s are:' % escaped(group) if group in ('arguments', 'options')
                      else 'Options of the group \\(lq%s\\(rq:' % escaped(group)]
        else:
            lines.append('.Ss ' + argument(capital(group)))
        lines.append('.Bl -tag -width Ds')
        for option in shown:
            if option.group == group:
                lines += _item(option)
        lines.append('.El')
    return lines


def _item(option):
    """The entry of an option or argument."""
    if option.group == 'arguments':
        head = '.It Ar ' + argument(option.name.upper())
    else:
        names = ([escaped(option.short)] if option.short else []) + [escaped('-' + option.name)]
        head = '.It ' + ' , '.join('Fl ' + name for name in names)
        if option.takes_value:
            head += ' Ar ' + argument(option.kind.metavar)
    lines = paragraph(sentence(option.help)) if option.help else []
    for note in option_notes(option):
        lines += paragraph(note[:1].upper() + note[1:] + '.')
    return [head] + lines


def _trailing(trailer, status):
    """The parts of a trailer: those about the exit status, or the others."""
    joined = re.sub(r'\n(?![\w ]+: |\w[^\n]*\n?\Z)', ' ', trailer)
    parts = [part.strip() for part in joined.split('\n') if part.strip()]
    return [part for part in parts if part.startswith('status: ') == status]


def _statuses(page, general):
    """The exit status, as a list; a client and a server of one name have a list each."""
    told = [('The client', part) for usage in page.usages
            for part in _trailing(usage.trailer, status=True)]
    if page.is_type or not told:
        told += [('The server', part) for part in _trailing(general, status=True)]
    lines = ['.Sh EXIT STATUS']
    for heading, text in told:
        if len(told) > 1:
            lines.append('.Ss ' + heading)
        lines.append('.Bl -tag -width Ds')
        for part in re.split(r'; (?=\d+ )', text[len('status: '):]):
            match = STATUS.match(part)
            lines += ['.It ' + match.group(1)] + paragraph(sentence(part[match.end():]))
        lines.append('.El')
    return lines


def _has_environment(page):
    """True for the main page and for pages whose help speaks of the variables."""
    told = ' '.join(usage.trailer for usage in page.usages)
    return not page.name or any(name in told for name, _ in ENVIRONMENT)


def _examples(page):
    shown = [example for usage in page.usages for example in usage.schema.examples]
    lines = ['.Sh EXAMPLES'] if shown else []
    for index, (line, text) in enumerate(shown):
        lines += ['.Pp'] if index else []
        lines += paragraph(capital(text).rstrip('.') + ':') + literal([line])
    return lines


def _lists(others):
    """The part of carryall(1) about types and commands."""
    lines = []
    types = [page for page in others if page.is_type]
    commands = [page for page in others if not page.is_type or len(page.usages) > 1]
    for heading, chosen in (('Types', types), ('Commands', commands)):
        lines += ['.Ss ' + heading, '.Bl -tag -width Ds']
        for page in chosen:
            lines.append('.It Xr carryall-%s %d' % (page.name, SECTION))
            lines += paragraph(sentence(page.summary))
        lines.append('.El')
    return lines
