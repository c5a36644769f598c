# Copyright the carryall authors.  See LICENSE.
"""StaticFiles: a folder as a web application, ``app(request)`` (features WEB-02, 03, 04).

    site = Site(StaticFiles('site', loop.wall, listing=True), loop)

The path of a request is split into names (requestpaths.py), and the names lead to a visible entry
of the disk (tree.py).  A folder is shown by its index or its listing (folderpage.py), a file by
one of its representations (representation.py).  A small file is answered from memory while it is
unchanged (readyresponses.py), at the cost of one look at the disk.

Entries outside the folder, hidden files and entries that are not regular files are never served.
The same holds for the source of programs (PROGRAMS): programs.py runs them, if it can.
Tests:    tests/services/web/test_static.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Future, Return
from carryall.core.logs import get_logger
from carryall.core.net.turns import spread
from carryall.protocols.http.fields import (BINARY, CONDITIONS, IDENTITY, MediaTypes, compress,
                                            format_disposition, is_compressible, rank_codings)
from carryall.protocols.http import MutableHeaders, Response
from carryall.core.codec.uri import join_segments
from carryall.services.web.errorpage import PAGE_FIELDS, error_response, no_method
from carryall.services.web.folderpage import (listing_headers, name_filter, render_steps,
                                              wants_json)
from carryall.services.web.readyresponses import ReadyResponses
from carryall.services.web.requestpaths import BAD_REQUEST, is_plain_name, parts_of, suffix_of
from carryall.services.web.pathpatterns import Rules
from carryall.services.web.representation import Representation, read_exactly
from carryall.services.web.tree import FileTree, Unreadable
from carryall.services.web.validators import date_tells, etag_of, is_settled, is_told, modified_of

__all__ = ['DEFAULT_INDEX', 'METHODS', 'PROGRAMS', 'StaticFiles', 'is_program']

# -- limits ------------------------------------------------------------------
# Octets of a file that is read whole and cached; larger ones are sent from the disk
SMALL_BYTES = 65536
MIN_GZIP_BYTES = 256        # octets below which compressing gains nothing
MAX_GZIP_BYTES = 8 << 20    # octets above which compressing delays others on this loop too long
MAX_FACTS = 256             # header sections that are cached
MAX_RANKED = 64             # values of Accept-Encoding that are cached
MAX_ACCEPTED = 256          # octets of the longest of them
TRIES = 3                   # attempts if a file changes while it is read

METHODS = (b'GET', b'HEAD', b'OPTIONS')
ONLY_TAG = frozenset((b'if-none-match', b'if-modified-since'))

# Names of a folder's index: those of Twisted 0.19, one of DOS, and those of other programs.  If an
# index is a program that does not run here, the folder is forbidden, and not listed instead
DEFAULT_INDEX = ('index', 'index.html', 'index.htm', 'index.trp', 'index.rpy', 'index.php',
                 'index.cgi', 'index.epy')

# Endings of files with code or saved state, which often contain passwords; and endings that a copy
# of such a file may have in addition
PROGRAMS = frozenset(
    b'.asgi .cgi .epy .fcgi .php .php3 .php4 .php5 .php7 .phar .phtml .pyp .rpy .tap .tas .tax .trp'
    b' .wsgi'
    .split())
COPIES = frozenset(b'.bak .old .orig .save .gz .br .zst .bz2 .xz'.split())

# Endings of files that are compressed already, best first; no module is needed to send them
SIBLINGS = ((b'zstd', b'.zst'), (b'br', b'.br'), (b'gzip', b'.gz'))

# The folder at the root whose files are all programs
PROGRAM_FOLDER = b'cgi-bin'

log = get_logger('web')


def is_program(name, suffixes=PROGRAMS):
    # type: (bytes, FrozenSet[bytes]) -> bool
    """True if *name* is that of a program or of a copy of one."""
    # The same names for Windows and its file systems
    name = name.partition(b':')[0].rstrip(b'. ') or name
    suffix = suffix_of(name)
    while suffix in COPIES:
        name = name[:-len(suffix)]
        suffix = suffix_of(name)
    return suffix in suffixes


def _is_encoded(name):
    # type: (bytes) -> bool
    """True if the file is compressed and its name tells the type inside: ``x.svgz`` is an
    image/svg+xml, which browsers expect.

    For other compressed names (``.gz``, ``.tgz``) the archive itself is wanted, so it has no
    Content-Encoding.
    """
    return name[-5:].lower() == b'.svgz'


class _Changed(Exception):
    """The file has changed since it was examined."""


class _Ran(object):
    """The answer of a program, which is sent unchanged."""

    __slots__ = ('answer',)

    def __init__(self, answer):
        # type: (Any) -> None
        self.answer = answer


class _Facts(object):
    """The facts of a header section that matter here; equal sections are one object, so they are
    read once.
    """

    __slots__ = ('headers', 'conditional', 'tag', 'codings', 'ranges', 'key')

    def __init__(self, headers, codings):
        # type: (Headers, Tuple[bytes, ...]) -> None
        conditions = [name for name in CONDITIONS if name in headers]
        self.headers = headers      # kept, so that no other object gets its id()
        self.conditional = bool(conditions)
        # If-None-Match, if no other condition applies (RFC 9110 section 13.1.3: If-Modified-Since
        # does not apply then)
        self.tag = headers.get(b'if-none-match') if set(conditions) <= ONLY_TAG else None
        self.codings = codings      # that the client accepts, best first
        self.ranges = b'range' in conditions
        self.key = (self.ranges,) + self.codings        # all that a representation may depend on


class StaticFiles(object):
    """Serves the files below *root*.  It belongs to one loop.

    Args:
        root: the folder.
        wall: returns the time of day in seconds since 1970: ``loop.wall``.
        index: names of a folder's index, in the order of search; one that is a program is
            403.
        mime_types: ending -> type, before the built-in table.
        default_type: of files with other endings.
        charset: of ``text/*``; None for none.
        listing: True if a folder without an index is listed; otherwise it is 403.
        dotfiles, symlinks, own_root: see FileTree.
        cache_control: (pattern, value of Cache-Control) pairs, see pathpatterns.py.
        downloads: patterns of files that browsers save and do not show (Content-Disposition).
        error_pages: status -> file below *root* (or absolute) that is sent with it, as HTML.
        ignored_endings: for a missing name, ``NAME.html`` is served if ``html`` is one of
            these; ``*``: any.
        gzip: True to compress content that becomes smaller by it.
        precompressed: True to send ``x.css.br``, ``.zst`` or ``.gz`` for ``x.css`` to clients that
            accept it.
        ready: a ReadyResponses of another size.
        programs: a Programs, which this object takes over; None: no program runs.
        turns: ``loop.turns``, so that a long listing is made over many turns (law L21); None: at
            once.
    Raises:   UsageError: a value is not valid.  The folder need not exist yet.
    """

    def __init__(self,
                 root,                      # type: Any
                 wall,                      # type: Callable[[], float]
                 index=DEFAULT_INDEX,       # type: Iterable[Any]
                 mime_types=(),             # type: Any
                 default_type=BINARY,       # type: Any
                 charset='utf-8',           # type: Optional[Any]
                 listing=False,             # type: bool
                 dotfiles='hide',           # type: str
                 symlinks='follow',         # type: str
                 cache_control=(),          # type: Iterable[Tuple[Any, Any]]
                 downloads=(),              # type: Iterable[Any]
                 error_pages=(),            # type: Any
                 ignored_endings=(),        # type: Iterable[Any]
                 gzip=False,                # type: bool
                 precompressed=False,       # type: bool
                 own_root=True,             # type: bool
                 ready=None,                # type: Optional[ReadyResponses]
                 turns=None,                # type: Optional[Turns]
                 programs=None              # type: Optional[Programs]
                 ):
        # type: (...) -> None
        self.tree = FileTree(root, dotfiles, symlinks, own_root)
        self.index = [_checked_name(name) for name in index]
        self._types = MediaTypes(mime_types, default_type, charset)
        self._listing = listing
        self._cache_control = Rules(cache_control)
        self._downloads = Rules((pattern, b'attachment') for pattern in downloads)
        self._pages = dict((status, to_bytes(name)) for status, name in dict(error_pages).items())
        self._ignored = [to_bytes(ending).lstrip(b'.') for ending in ignored_endings]
        self._gzip = gzip
        self._precompressed = precompressed
        siblings = [coding for coding, _ in SIBLINGS] if precompressed else []
        self._offered = siblings or ([b'gzip'] if gzip else [])
        self._ready = ready if ready is not None else ReadyResponses()
        # The other rules require a look at each step of the path for each request
        self._remembers = symlinks == 'follow'
        self._facts = {}            # type: Dict[int, _Facts]
        # Accept-Encoding -> the codings that it accepts
        self._ranked = {}           # type: Dict[bytes, Tuple[bytes, ...]]
        self.wall = wall
        self._wall = wall
        self._turns = turns
        self._programs = programs
        # Called with the names of a folder: true if its listing links to the page for uploads
        self.takes_uploads = None   # type: Optional[Callable[[List[bytes]], bool]]
        self._suffixes = PROGRAMS
        if programs is not None:
            self._suffixes = PROGRAMS | programs.suffixes
            programs.site = self

    def __call__(self, request):
        # type: (Any) -> Any
        """A Response to *request*, or a Future of one; cached ones are served here, for speed."""
        if self._programs is not None and self._programs.known:
            found = self._programs.remembered(request.target.partition(b'?')[0], self._wall())
            if found is not None:
                return found[1](request, found[2])
        headers = request.headers
        facts = self._facts.get(id(headers))
        if facts is None or facts.headers is not headers:
            facts = self._learn(headers)
        ready = self._ready.get(request.target)
        if ready is not None:
            found = ready.always or ready.by_key.get(facts.key)
            if found is not None and ready.is_current():
                ready.used = True
                if request.method == b'GET':
                    if not facts.conditional and found.response is not None:
                        return found.response
                    if facts.tag == found.tag:
                        return found.not_modified()
                return self._answer(request, facts, found)
        return self._answer(request, facts)

    def _learn(self, headers):
        # type: (Headers) -> _Facts
        codings = (IDENTITY,)       # type: Tuple[bytes, ...]
        if self._offered:
            accepted = headers.get(b'accept-encoding', b'')
            found = self._ranked.get(accepted)
            if found is None:
                if len(self._ranked) >= MAX_RANKED:
                    self._ranked.clear()
                found = rank_codings(accepted, self._offered)
                if len(accepted) <= MAX_ACCEPTED:
                    self._ranked[accepted] = found
            codings = found
        if len(self._facts) >= MAX_FACTS:
            self._facts.clear()
        facts = _Facts(headers, codings)
        self._facts[id(headers)] = facts
        return facts

    def _answer(self, request, facts, found=None):
        # type: (Any, _Facts, Optional[Representation]) -> Any
        """Answers *request* with *found*, or from the disk."""
        response = None
        for _ in range(TRIES):
            try:
                if found is not None and request.method in (b'GET', b'HEAD'):
                    response = found.answer(request, self._wall())
                else:
                    response = self._look_up(request, facts)
                break
            except _Changed:
                found = None
            except Unreadable as exc:
                if exc.shortage:
                    log.warning('a readable file cannot be opened: are too many files open?')
                response = error_response(request, 503 if exc.shortage else 403)
                break
        if response is None:
            response = error_response(request, 503)
        if type(response) is _Ran:
            return response.answer
        if isinstance(response, Future):
            return response.then(self._dress)
        return self._dress(response)

    def _dress(self, response):
        # type: (Response) -> Response
        return self._dressed(response) if response.status in self._pages else response

    def _look_up(self, request, facts):
        # type: (Any, _Facts) -> Any
        parts = parts_of(request.path)
        if self._programs is not None and parts is not None and parts is not BAD_REQUEST:
            found = self._programs.find(self.tree, parts) or self._program_index(parts)
            if found is not None:
                answer = self._programs.run(request, *found)
                if self._remembers and found[1].kept is not None:
                    path = request.target.partition(b'?')[0]
                    self._programs.remember(path, found[0], found[1], self._wall())
                return _Ran(answer)
        if request.method not in METHODS:
            return no_method(request, METHODS)
        if request.method == b'OPTIONS':
            return Response(204, [(b'Allow', b', '.join(METHODS))])
        if parts is BAD_REQUEST:
            return error_response(request, 400)
        if parts is None:
            return error_response(request, 404)
        located = self.tree.locate(parts)
        if located is None and self._ignored and parts[-1]:
            return self._without_ending(request, facts, parts)
        if located is None or parts[-1:] == [b''] and not located.is_folder:
            return error_response(request, 404)
        if not located.is_folder:
            return self._file(request, facts, parts, [located])
        if parts[-1:] == [b'']:
            return self._folder(request, facts, parts, located)
        # Built of names, which cannot name a host; "//other" would (as in CVE-2021-28861)
        query = b'?' + request.query if request.query else b''
        return Response(301,
                        [(b'Location', join_segments(parts + [b'']) + query),
                         (b'Content-Type', b'text/plain')],
                        b'301 Moved Permanently\n')

    def _program_index(self, parts):
        # type: (List[bytes]) -> Any
        """(handler, Script) of the index of the folder at *parts*, if that is a program that runs.
        """
        programs = self._programs
        if parts[-1] or programs is None:
            return None
        for name in self.index:
            there = parts[:-1] + [name]
            located = self.tree.locate(there)
            if located is not None and not located.is_folder:
                return programs.script(self.tree, there, located)
        return None

    def _without_ending(self, request, facts, parts):
        # type: (Any, _Facts, List[bytes]) -> Response
        """Answers with the file that *parts* would lead to with an ending."""
        folder = self.tree.locate(parts[:-1])
        if folder is None:
            return error_response(request, 404)
        for ending in self._ignored:
            names = [parts[-1] + b'.' + ending]
            if ending == b'*':
                listed = self.tree.entries(parts[:-1])
                names = sorted(name for name,
                               _ in (listed[0] if listed else ()) if name.rpartition(b'.')[0]
                               == parts[-1])
            for name in names:
                there = parts[:-1] + [name]
                offered = is_plain_name(name) and not self._is_source(there)
                located = self.tree.locate(there) if offered else None
                if located is not None and not located.is_folder:
                    return self._file(request, facts, there, [located, folder])
        return error_response(request, 404)

    def _folder(self, request, facts, parts, folder):
        # type: (Any, _Facts, List[bytes], Located) -> Any
        for name in self.index:
            there = parts[:-1] + [name]
            located = self.tree.locate(there)
            if located is not None and not located.is_folder:
                return self._file(request, facts, there, [located, folder])
        if not self._listing:
            return error_response(request, 403)
        listing = spread(self._turns, self._listing_steps(request, parts))
        return listing.result() if listing.done() else listing

    def _listing_steps(self, request, parts):
        # type: (Any, List[bytes]) -> Iterator[None]
        """Makes a listing in steps; ends with a ``Return`` of the Response."""
        listed = None
        try:
            for _ in self.tree.entry_steps(parts, name_filter(request.query)):
                yield
        except Return as done:
            listed = done.value
        if listed is None:
            raise Return(error_response(request, 403))
        found, more = listed
        entries = [(name, located) for name, located in found
                   if located.is_folder or self._is_offered(parts[:-1] + [name])]
        as_json = wants_json(request.query, request.headers.get(b'accept'))
        page = b''
        try:
            uploads = self.takes_uploads is not None and self.takes_uploads(parts[:-1])
            for _ in render_steps(parts, entries, request.query, as_json, more, uploads):
                yield
        except Return as done:
            page = done.value
        raise Return(Response(200, listing_headers(as_json), page))

    def _is_offered(self, parts):
        # type: (List[bytes]) -> bool
        """True if the file at *parts* is content, or a program that runs."""
        if self._programs is not None and self._programs.runner_of(parts) is not None:
            return True
        return not self._is_source(parts)

    def _is_source(self, parts):
        # type: (Sequence[bytes]) -> bool
        """True if *parts* lead to a program, whether it runs or not."""
        # In any case, as some file systems ignore it
        return (is_program(parts[-1], self._suffixes)
                or len(parts) > 1 and parts[0].lower() == PROGRAM_FOLDER)

    def _file(self, request, facts, parts, found):
        # type: (Any, _Facts, List[bytes], List[Located]) -> Response
        """Answers with a file: the first of *found*; the others are the entries that led to it."""
        if self._is_source(parts):
            log.info('not served, as it is a program: %s',
                     b'/'.join(parts).decode('utf-8', 'replace'))
            return error_response(request, 403)
        now = self._wall()
        headers = self._headers_for(parts)
        varies, coding, source = self._choose(facts, parts, found)
        if coding is None:
            return error_response(request, 406)
        if varies:
            headers.add(b'Vary', b'Accept-Encoding')
        # Compressed by us, and perhaps with another result the next time
        made = coding != IDENTITY and source.coding == coding
        if coding != IDENTITY:
            headers.add(b'Content-Encoding', coding)
        elif _is_encoded(parts[-1]):
            headers.add(b'Content-Encoding', b'gzip')
        etag = etag_of(source.located.identity, now, coding if made else b'')
        if made:
            etag = etag._replace(weak=True)
        identity = found[0].identity
        whole = Representation(headers, etag, modified_of(identity, now), source, not made,
                               date_tells(identity) and coding == IDENTITY)
        self._remember(request.path, facts.key if varies else None, whole, found, now)
        return whole.answer(request, now)

    def _headers_for(self, parts):
        # type: (List[bytes]) -> MutableHeaders
        name = parts[-1]
        if _is_encoded(name):
            name = name[:-1]
        headers = MutableHeaders([(b'Content-Type', self._types.of(name)),
                                  (b'X-Content-Type-Options', b'nosniff')])
        cache_control = self._cache_control.find(parts)
        if cache_control:
            headers.add(b'Cache-Control', cache_control)
        download = self._downloads.find(parts)
        if download:
            headers.add(b'Content-Disposition',
                        format_disposition(download, parts[-1].decode('utf-8', 'replace')))
        return headers

    def _choose(self, facts, parts, found):
        # type: (_Facts, List[bytes], List[Located]) -> Tuple[bool, Optional[bytes], Any]
        """(True if it depends on Accept-Encoding, the coding or None for 406, the _Source) for a
        file.

        *found* gets the other files that the choice depends on.
        """
        located = found[0]
        if not self._offered or _is_encoded(parts[-1]):
            return False, IDENTITY, _Source(self.tree, located)
        beside = {}                 # type: Dict[bytes, Located]
        if self._precompressed:
            for coding, ending in SIBLINGS:
                sibling = self.tree.locate(parts[:-1] + [parts[-1] + ending])
                if sibling is not None and not sibling.is_folder and sibling.identity[
                    3] >= located.identity[3]:
                    beside[coding] = sibling
            folder = self.tree.locate(parts[:-1])
            if folder is not None:
                found.append(folder)        # it changes if a compressed copy is added or removed
            found.extend(beside.values())
        made = (self._gzip and b'gzip' not in beside and MIN_GZIP_BYTES <= located.size
                <= MAX_GZIP_BYTES
                and is_compressible(self._types.of(parts[-1])))
        varies = bool(beside) or made
        for coding in facts.codings:
            if coding in beside:
                return varies, coding, _Source(self.tree, beside[coding])
            # Parts of a file that is compressed each time again cannot be combined; the file itself
            # is sent then
            if coding == b'gzip' and made and not (facts.ranges and IDENTITY in facts.codings):
                return varies, coding, _Source(self.tree, located, coding)
            if coding == IDENTITY:
                return varies, coding, _Source(self.tree, located)
        return varies, None if varies else IDENTITY, _Source(self.tree, located)

    def _remember(self, path, key, whole, found, now):
        # type: (bytes, Any, Representation, List[Located], float) -> None
        """Caches *whole*, unless a change could not be noticed, or *path* is one of very many
        spellings.
        """
        if not self._remembers or any(not is_settled(located.identity, now) for located in found):
            return
        if not is_told(found[0].identity, now):
            return
        plain = b'%' not in path and b'//' not in path and b'/.' not in path
        if plain or path == join_segments(parts_of(path)):
            self._ready.add(path, key, whole,
                            [(located.path, located.identity) for located in found])

    def _dressed(self, response):
        # type: (Response) -> Response
        """*response*, an error, with the page for its status; unchanged if that cannot be
        read.
        """
        name = self._pages[response.status]
        located = self.tree.page(name)
        try:
            body = _Source(self.tree, located).content() if located is not None else None
        except (Unreadable, _Changed):
            body = None
        if body is None:
            log.warning('the page for %d is missing, or larger than %d octets', response.status,
                        SMALL_BYTES)
            return response
        for field in PAGE_FIELDS:
            response.headers.remove(field)      # they are for a page of ours
        response.headers.set(b'Content-Type', self._types.of(name))
        response.body = body
        return response


class _Source(object):
    """The octets of one file, which may have to be compressed."""

    def __init__(self, tree, located, coding=IDENTITY):
        # type: (FileTree, Located, bytes) -> None
        self.located = located
        self.size = located.size
        self.coding = coding
        self._tree = tree
        self._content = None        # type: Optional[bytes]

    def open(self):
        # type: () -> Any
        """The file, open for reading."""
        fileobj, opened = self._tree.open(self.located)
        if opened.identity != self.located.identity:
            fileobj.close()
            raise _Changed
        return fileobj

    def content(self):
        # type: () -> Optional[bytes]
        """All octets, compressed if necessary, and kept from now on; None if they are too
        many.
        """
        if self._content is not None or self.size > SMALL_BYTES:
            return self._content
        fileobj = self.open()
        try:
            data = read_exactly(fileobj, self.size)
        finally:
            fileobj.close()
        after = self._tree.again(self.located)
        if data is None or after is None or after.identity != self.located.identity:
            raise _Changed
        self._content = data if self.coding == IDENTITY else compress(data, self.coding)
        return self._content


def _checked_name(name):
    # type: (Any) -> bytes
    data = to_bytes(name)
    if not is_plain_name(data):
        raise UsageError(u'"%s" cannot be the name of an index file'
                         % data.decode('utf-8', 'replace'))
    return data


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import (Any, Callable, Dict, FrozenSet, Iterable, Iterator, List, Optional,
                        Sequence, Tuple)
    from carryall.core.net.turns import Turns
    from carryall.protocols.http import Headers
    from carryall.services.web.programs import Programs
    from carryall.services.web.tree import Located
