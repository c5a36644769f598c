# Copyright the carryall authors.  See LICENSE.
"""Manifest: the index of all that belongs to one protocol, service or program.

    MANIFEST = Manifest(
        name='finger', summary='finger (RFC 1288)', face='carryall.protocols.finger',
        types=[TypeEntry('finger', 'carryall.services.finger.service', 'tells of people')],
        commands=[CommandEntry('finger', 'carryall.commands.finger', 'ask about a person')],
        cases=['finger_serve'], pages=['finger'], features=[FeatureEntry('FIN-01', DONE, '...')])

A manifest lies in the file ``manifest.py`` of the package that it describes.  It names everything
by strings: modules by their dotted names, files by their paths from the root of the checkout.  So a
manifest of ``protocols/`` may name a command, and imports nothing of what it names.

``admin/manifests`` reads all manifests and writes ``commands/catalogue.py``, the tables that a
program needs at run time.  Manifests are imported only in ``admin/``, ``acceptance/`` and
``tests/``.  The import of one loads the face of its package, and so the whole protocol.

Not here: how manifests are found in a checkout (admin/manifests).
Tests:    tests/house/test_manifests.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

__all__ = ['AdditionEntry', 'BinaryEntry', 'CommandEntry', 'DONE', 'DatabaseEntry', 'FeatureEntry',
           'FixtureEntry', 'FuzzEntry', 'KindEntry', 'Manifest', 'OPEN', 'PART', 'ProxyEntry',
           'SchemeEntry', 'StoreEntry', 'TypeEntry', 'URLEntry', 'UsageEntry', 'manifests']

# states of a feature
DONE = 'done'
PART = 'part'
OPEN = 'open'


class TypeEntry(object):
    """A type of service.

    Args:     name:    as in ``carryall serve NAME`` and ``mktap NAME``.
              module:  dotted name of the module with the ``TYPE``.
              summary: one line of ``carryall types``, below 60 characters.
              former:  other names by which people look for it: of its protocols, and of
                       Twisted 0.19 or 1.2.
              words:   options that its ``Schema`` accepts; every type must listen with them.
    """

    __slots__ = ('name', 'module', 'summary', 'former', 'words')

    def __init__(self, name, module, summary, former=(), words=()):
        # type: (str, str, str, Sequence[str], Sequence[str]) -> None
        self.name = name
        self.module = module
        self.summary = summary
        self.former = tuple(former)
        self.words = tuple(words)


class UsageEntry(object):
    """One way to call a command, with the names of what its module says about it.

    Args:     verb:    the word behind the command's; empty if it has no verbs.
              schema:  attribute with the Schema.
              summary: attribute with a sentence or more.
              trailer: attribute with the lines below the options; empty if there is none.
              extra:   words of the call that the schema does not describe.
    """

    __slots__ = ('verb', 'schema', 'summary', 'trailer', 'extra')

    def __init__(self, verb='', schema='SCHEMA', summary='SUMMARY', trailer='', extra=()):
        # type: (str, str, str, str, Sequence[str]) -> None
        self.verb = verb
        self.schema = schema
        self.summary = summary
        self.trailer = trailer
        self.extra = tuple(extra)


class CommandEntry(object):
    """A command of ``carryall``.

    Args:     word:     the command.
              module:   dotted name of its module.
              summary:  one line of ``carryall --help``.
              function: called with the words after the command's.
              usages:   UsageEntry objects.
    """

    __slots__ = ('word', 'module', 'summary', 'function', 'usages')

    def __init__(self, word, module, summary, function='main', usages=(UsageEntry(),)):
        # type: (str, str, str, str, Sequence[UsageEntry]) -> None
        self.word = word
        self.module = module
        self.summary = summary
        self.function = function
        self.usages = tuple(usages)


class SchemeEntry(object):
    """A scheme of URLs that ``carryall get`` leaves to another command.

    Args:     name:     as in ``NAME://host/path``.
              module:   dotted name of the command's module.
              function: called with the option values of ``carryall get``; returns the exit status.
    """

    __slots__ = ('name', 'module', 'function')

    def __init__(self, name, module, function):
        # type: (str, str, str) -> None
        self.name = name
        self.module = module
        self.function = function


class URLEntry(object):
    """The URL by which the clients of a listener reach it.

    Args:     listener: name of the listener, as in ``listening: NAME on 127.0.0.1:80``.
              scheme:   of the URL; empty if a listener in clear has none.
              secure:   the scheme with TLS; empty if there is none.
              path:     the text behind the address.
    """

    __slots__ = ('listener', 'scheme', 'secure', 'path')

    def __init__(self, listener, scheme, secure='', path='/'):
        # type: (str, str, str, str) -> None
        self.listener = listener
        self.scheme = scheme
        self.secure = secure
        self.path = path


class ProxyEntry(object):
    """A kind of proxy that clients can connect through.

    Args:     scheme:   as in ``--proxy SCHEME://host:port``.
              port:     the default port.
              resolves: the proxy resolves names itself.
              module:   dotted name of the module whose ``connect`` goes through it.
    """

    __slots__ = ('scheme', 'port', 'resolves', 'module')

    def __init__(self, scheme, port, resolves, module):
        # type: (str, int, bool, str) -> None
        self.scheme = scheme
        self.port = port
        self.resolves = resolves
        self.module = module


class DatabaseEntry(object):
    """A scheme of locations of databases.

    Args:     scheme: as in ``SCHEME://host/name``.
              module: dotted name of the module whose ``driver(location, **options)`` makes a
                      ``carryall.core.database.Driver``.
    """

    __slots__ = ('scheme', 'module')

    def __init__(self, scheme, module):
        # type: (str, str) -> None
        self.scheme = scheme
        self.module = module


class StoreEntry(object):
    """Tables that a service keeps in a database.

    Args:     name:   as in the table of versions, and for ``carryall store``.
              module: dotted name of the module with the ``STORE``, an app.datastore.StoreSchema.
    """

    __slots__ = ('name', 'module')

    def __init__(self, name, module):
        # type: (str, str) -> None
        self.name = name
        self.module = module


class AdditionEntry(object):
    """A module that adds options, an application or a server to a service of another manifest.

    Args:     service: folder of the service below ``services/``, 'web'.
              module:  dotted name of the module; services/web/options.py tells what it has.
    """

    __slots__ = ('service', 'module')

    def __init__(self, service, module):
        # type: (str, str) -> None
        self.service = service
        self.module = module


class FixtureEntry(object):
    """A pytest fixture: a server as an object.

    Args:     name:   of the fixture.
              served: module and class of the object, as
                      ``'carryall.testservers.webserver:HTTPServer'``.
              type:   type of service that it runs; empty if the class knows what it serves.
              help:   what the object is.
    """

    __slots__ = ('name', 'served', 'type', 'help')

    def __init__(self, name, served, type, help):
        # type: (str, str, str, str) -> None
        self.name = name
        self.served = served
        self.type = type
        self.help = help


class KindEntry(object):
    """A kind of server for tests, which the objects of fixtures control.

    Args:     name:   as an object of ``carryall.testservers`` asks for it, 'ftp'.
              module: dotted name of the module whose ``make`` takes the options.
    """

    __slots__ = ('name', 'module')

    def __init__(self, name, module):
        # type: (str, str) -> None
        self.name = name
        self.module = module


class FuzzEntry(object):
    """Targets that are fuzzed.

    Args:     module: dotted name of the module with the list ``ALL``.
              names:  of the targets in it.
    """

    __slots__ = ('module', 'names')

    def __init__(self, module, names):
        # type: (str, Sequence[str]) -> None
        self.module = module
        self.names = tuple(names)


class BinaryEntry(object):
    """A type of service that is frozen as a program of its own, and how its start is measured.

    Args:     type:    name of the type.
              words:   options that make it listen on a port that the system chooses; SITE stands
                       for a new folder.
              files:   (name, text) of files in that folder.
              request: text that a client sends; the first octet of the answer ends the time.
    """

    __slots__ = ('type', 'words', 'files', 'request')

    def __init__(self, type, words, files=(), request='GET / HTTP/1.1\r\nHost: a\r\n\r\n'):
        # type: (str, Sequence[str], Sequence[Tuple[str, str]], str) -> None
        self.type = type
        self.words = tuple(words)
        self.files = tuple(files)
        self.request = request


class FeatureEntry(object):
    """A feature that the project aims at.

    Args:     id:    as code and acceptance cases cite it, 'FIN-01'.
              state: DONE, PART or OPEN.
              text:  one line.
    """

    __slots__ = ('id', 'state', 'text')

    def __init__(self, id, state, text):
        # type: (str, str, str) -> None
        self.id = id
        self.state = state
        self.text = text


class Manifest(object):
    """The parts of one protocol, service or program.

    Args:     name:     a word, unique among all manifests.
              summary:  what it is, with the RFCs.
              face:     dotted name of the package from which callers import;
                        empty if there is none.
              port:     the port that it listens on by default, None if there is none.
              needs:    names of the manifests whose parts its own parts use.
              types:    TypeEntry objects.
              commands: CommandEntry objects.
              schemes:  SchemeEntry objects.
              urls:     URLEntry objects.
              proxies:  ProxyEntry objects.
              databases: DatabaseEntry objects.
              stores:   StoreEntry objects.
              additions: AdditionEntry objects.
              programs: dotted names of modules, each a kind of programs that the web server runs
                        (services/web/programs.py).
              fixtures: FixtureEntry objects.
              kinds:    KindEntry objects.
              fuzz:     FuzzEntry objects.
              features: FeatureEntry objects.
              cases:    acceptance cases, by the names of their modules.
              pages:    conformance pages, by the names of their files without the ending.
              examples: paths below doc/examples.
              binaries: BinaryEntry objects.
              readme:   (command, what it does) as Markdown: rows of README.md.
              missing:  types of Twisted 0.19 or 1.2 that do not exist here yet.
              moved:    former names of modules, each with the present one; both dotted.
              paths:    files and folders that belong to it alone, beside its package and the above:
                        tests, modules of services, peers of acceptance cases.
    """

    __slots__ = ('name', 'summary', 'face', 'port', 'needs', 'types', 'commands', 'schemes',
                 'urls', 'proxies', 'databases', 'stores', 'additions', 'programs', 'fixtures',
                 'kinds', 'fuzz', 'features', 'cases', 'pages', 'examples', 'binaries',
                 'readme', 'missing', 'moved', 'paths')

    def __init__(self, name, summary, face='', port=None, needs=(), types=(), commands=(),
                 schemes=(), urls=(), proxies=(), databases=(), stores=(), additions=(),
                 programs=(), fixtures=(), kinds=(), fuzz=(),
                 features=(), cases=(), pages=(), examples=(), binaries=(), readme=(), missing=(),
                 moved=(), paths=()):
        # type: (...) -> None
        # Each attribute has its type, and all together would be longer than a line.
        self.name = name
        self.summary = summary
        self.face = face
        self.port = port
        self.needs = tuple(needs)           # type: Tuple[str, ...]
        self.types = tuple(types)           # type: Tuple[TypeEntry, ...]
        self.commands = tuple(commands)     # type: Tuple[CommandEntry, ...]
        self.schemes = tuple(schemes)       # type: Tuple[SchemeEntry, ...]
        self.urls = tuple(urls)             # type: Tuple[URLEntry, ...]
        self.proxies = tuple(proxies)       # type: Tuple[ProxyEntry, ...]
        self.databases = tuple(databases)   # type: Tuple[DatabaseEntry, ...]
        self.stores = tuple(stores)         # type: Tuple[StoreEntry, ...]
        self.additions = tuple(additions)   # type: Tuple[AdditionEntry, ...]
        self.programs = tuple(programs)     # type: Tuple[str, ...]
        self.fixtures = tuple(fixtures)     # type: Tuple[FixtureEntry, ...]
        self.kinds = tuple(kinds)           # type: Tuple[KindEntry, ...]
        self.fuzz = tuple(fuzz)             # type: Tuple[FuzzEntry, ...]
        self.features = tuple(features)     # type: Tuple[FeatureEntry, ...]
        self.cases = tuple(cases)           # type: Tuple[str, ...]
        self.pages = tuple(pages)           # type: Tuple[str, ...]
        self.examples = tuple(examples)     # type: Tuple[str, ...]
        self.binaries = tuple(binaries)     # type: Tuple[BinaryEntry, ...]
        self.readme = tuple(readme)         # type: Tuple[Tuple[str, str], ...]
        self.missing = tuple(missing)       # type: Tuple[str, ...]
        self.moved = dict(moved)            # type: Dict[str, str]
        self.paths = tuple(paths)           # type: Tuple[str, ...]


def manifests(names):
    # type: (Sequence[str]) -> List[Manifest]
    """The manifests of these modules; each is imported with the whole package that it describes."""
    return [__import__(name, None, None, ['MANIFEST']).MANIFEST for name in names]
