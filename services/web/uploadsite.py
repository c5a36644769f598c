# Copyright the carryall authors.  See LICENSE.
"""UploadSite: clients store files in some folders of a site (feature WEB-19).

    PUT /inbox/report.pdf           201; 409 if there is such a file
    POST /inbox/                    multipart/form-data, with any number of files: 303 back there
    GET /inbox/?upload              a page with a form

Wire:     methods of RFC 9110 sections 9.3.3 and 9.3.4, forms of RFC 7578.
Safety:   a file appears when it is complete, under a name that is free (unless --upload-replace is
          given); --upload-rename adds a number to one that is taken.  No program runs in such a
          folder, and none can be stored there.  The scripts of a page there do not run, as they
          would have the rights of the site's own.  Pages of other
          sites cannot send files (origincheck.py).  The size of a request and the number of
          requests at one time are bounded.
Not here: folders cannot be made, and files cannot be deleted.
Tests:    tests/services/web/test_uploadsite.py
"""
from __future__ import absolute_import, division, print_function

import copy
import os
from binascii import hexlify

from carryall.app.accountoptions import AccountOptions
from carryall.app.options import Flag, Option
from carryall.app.optiontypes import Path, Size
from carryall.core.allowance import Allowance
from carryall.core.codec.numbers import decimal
from carryall.core.codec.uri import join_segments
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.core.files.plainfile import open_plain
from carryall.core.future import Future, Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.net.ip import source_of
from carryall.protocols.http import HTTPError, MutableHeaders, Response
from carryall.protocols.http.fields import GO_AHEAD, PRECONDITION_FAILED, evaluate
from carryall.protocols.http.forms import FormLimits, read_form
from carryall.services.web.errorpage import error_response
from carryall.services.web.htmlpage import html_headers, page
from carryall.services.web.origincheck import is_foreign
from carryall.services.web.requestpaths import BAD_REQUEST, is_hidden, is_plain_name, parts_of
from carryall.services.web.static import PROGRAMS, is_program
from carryall.services.web.validators import etag_of, modified_of

__all__ = ['ACCOUNTS', 'OPTIONS', 'UploadSite', 'check', 'folders_in']

# -- limits ------------------------------------------------------------------
MAX_AT_ONCE = 16            # requests that store files, half of them for one client
MAX_NUMBER = 1000           # in the name of a file whose own name is taken
MAX_FILES = 100             # in one form
FIELD_BYTES = 65536         # octets of the fields of a form that are no files
HEADER_BYTES = 8192         # octets of the header of one part
PIECE_BYTES = 65536         # octets that are read at once
RETRY_SECONDS = b'10'       # for a client that comes while too many store files

GROUP = 'uploads'
ACCOUNTS = AccountOptions('upload-account', GROUP)
OPTIONS = [
    Option('upload', Path('folder'), repeat=True, group=GROUP,
           help='let clients store files in this folder, which is (in) one that is served; no '
                'program and no script of a page runs there'),
    Option('upload-size', Size(1), default='100M', group=GROUP,
           help='octets of one request that stores files'),
    Flag('upload-replace', group=GROUP, help='let an upload take the place of a file'),
    Flag('upload-rename', group=GROUP,
         help='store an upload whose name is taken under one with a number, such as list-2.txt'),
    ACCOUNTS,
]

PAGE = page(u'Upload', u'''<main>
<h1>Upload</h1>
<form method="post" enctype="multipart/form-data" action="./">
<label for="file">Files</label> <input type="file" id="file" name="file" multiple required>
<button>Upload</button>
</form>
<p><a href="./">Back to the folder</a></p>
</main>
''')

# py2: os.replace is missing; os.rename does the same, except on Windows
_replace = getattr(os, 'replace', os.rename)

log = get_logger('web')


def check(options, secret):
    # type: (OptionValues, bool) -> None
    """Raises UsageError for options of uploads that contradict each other.

    Args:     secret: whether there is a listener whose connections cannot be read on their way.
    """
    given = options.upload_replace or options.upload_rename or options.upload_account
    if given and not options.upload:
        raise UsageError(u'--upload-replace, --upload-rename and --upload-account need --upload '
                         u'FOLDER')
    if options.upload_replace and options.upload_rename:
        raise UsageError(u'--upload-replace and --upload-rename contradict each other')
    if not ACCOUNTS.accounts(options):      # raises for a duplicate
        return
    if options.auth is not None or options.account:
        raise UsageError(u'--upload-account is for a site that everybody may read; --auth and '
                         u'--account guard uploads too')
    if not secret and not options.allow_clear_passwords:
        raise UsageError(u'--upload-account: over http passwords would be sent in clear: serve '
                         u'--https PORT, or listen on 127.0.0.1, or give --allow-clear-passwords')


def folders_in(root, folders):
    # type: (str, Iterable[str]) -> List[List[bytes]]
    """The names from *root* to each of the folders that lie in it."""
    base = os.path.realpath(root)
    found = []
    for folder in folders:
        relative = os.path.relpath(os.path.realpath(folder), base)
        names = [] if relative == os.curdir else relative.split(os.sep)
        if names[:1] != [os.pardir]:
            found.append([to_bytes(name) for name in names])
    return found


class _Taken(Exception):
    """There is a file of that name."""


class UploadSite(object):
    """An application before StaticFiles, which it hands every other request.

    Args:     files:    the StaticFiles.
              folders:  names from its root to the folders for uploads, as of `folders_in`.
              size:     octets of one request.
              replace:  True if an upload may take the place of a file.
              rename:   True if it may get another name.
              programs: the Programs of the site, or None; none of them runs in the folders.
              door:     a Door that everybody passes who stores files; None for none.
    """

    def __init__(self, files, folders, size, replace=False, programs=None, rename=False, door=None):
        # type: (Any, List[List[bytes]], int, bool, Any, bool, Any) -> None
        self._places = Allowance(MAX_AT_ONCE)
        self._files = files
        self._folders = folders
        self._size = size
        self._replace = replace
        self._rename = rename
        self._enter = self._admit if door is None else door.protect(self._admit)
        files.takes_uploads = self._is_open
        self._suffixes = PROGRAMS
        if programs is not None:
            self._suffixes = PROGRAMS | programs.suffixes
            for names in folders:
                if programs.runner_of(names + [b'x']) is not None:
                    raise UsageError(u'--upload: every file of the folder %s is a program'
                                     % escape(b'/'.join(names)))
            programs.closed.extend(folders)

    def __call__(self, request):
        # type: (Any) -> Any
        """The Response, or a Future of one."""
        storing = request.method in (b'PUT', b'POST')
        asking = request.method in (b'GET', b'HEAD') and request.query == b'upload'
        if not storing and not asking:
            return self._shown(request)
        parts = parts_of(request.path)
        if parts is None or parts is BAD_REQUEST or not self._is_open(parts[:-1]):
            return self._files(request)
        return self._enter(request)

    def _admit(self, request):
        # type: (Any) -> Any
        """The same for a request about uploads, of one who may store files."""
        parts = parts_of(request.path)
        located = self._files.tree.locate(parts[:-1] + [b''])
        if located is None or not located.is_folder:
            return error_response(request, 404)
        if request.method not in (b'PUT', b'POST'):
            return Response(200, html_headers(forms=True), PAGE)
        if is_foreign(request):
            return error_response(request, 403)
        length = decimal(request.headers.get(b'content-length', b'0'), 1 << 62)
        if length is None or length > self._size:
            return error_response(request, 413)
        peer = request.peer
        # All that come by Unix sockets are one source.
        source = None if peer is None or peer.port is None else source_of(peer.host)
        if not self._places.take(source, 1):
            return error_response(request, 503, [(b'Retry-After', RETRY_SECONDS)])
        return self._store(request, parts, located.path, source)

    def _shown(self, request):
        # type: (Any) -> Any
        """The answer of the files; a page that may be an upload has no rights of the site."""
        answer = self._files(request)
        parts = parts_of(request.path)
        if parts is None or parts is BAD_REQUEST or not self._is_open(parts[:-1]):
            return answer
        return answer.then(_sandboxed) if isinstance(answer, Future) else _sandboxed(answer)

    def _is_open(self, names):
        # type: (Sequence[bytes]) -> bool
        return any(list(names[:len(folder)]) == folder for folder in self._folders)

    @coroutine
    def _store(self, request, parts, folder, source):
        # type: (Any, List[bytes], bytes, Any) -> Any
        parted = []                 # type: List[_Part]
        try:
            if request.method == b'PUT':
                response = yield self._put(request, parts, folder, parted)
            elif parts[-1]:
                response = error_response(request, 405, [(b'Allow', b'GET, HEAD, PUT')])
            else:
                response = yield self._post(request, parts, folder, parted)
        except HTTPError as exc:
            response = error_response(request, exc.reply)
        except _Taken:
            response = error_response(request, 409)
        except (IOError, OSError) as exc:
            log.error('an upload to %s cannot be stored: %s', escape(folder), exc)
            response = error_response(request, 507)
        finally:
            self._places.give(source, 1)
            for part in parted:
                part.discard()
        raise Return(response)

    @coroutine
    def _put(self, request, parts, folder, parted):
        # type: (Any, List[bytes], bytes, List[_Part]) -> Any
        name = parts[-1]
        self._check_name(name)
        if b'content-range' in request.headers:
            raise HTTPError('a part of a file', reply=400)      # RFC 9110 section 14.5
        self._check_conditions(request, parts)
        # The file may come while the octets do.
        replace = self._replace and b'if-none-match' not in request.headers
        if self._is_taken(folder, name, replace):
            raise _Taken()          # before the octets come
        part = _Part(folder)
        parted.append(part)
        while True:
            data = yield request.body.read(PIECE_BYTES)
            if not data:
                break
            if part.size + len(data) > self._size:
                raise HTTPError('an upload of more than %d octets' % self._size, reply=413)
            part.write(data)
        part.close()
        name, replaced = self._publish(part, name, replace)
        if replaced:
            raise Return(Response(204, []))
        raise Return(Response(201, [(b'Location', join_segments(parts[:-1] + [name])),
                                    (b'Content-Type', b'text/plain')], b'201 Created\n'))

    @coroutine
    def _post(self, request, parts, folder, parted):
        # type: (Any, List[bytes], bytes, List[_Part]) -> Any
        limits = FormLimits(total=self._size, part=self._size, fields=FIELD_BYTES, parts=MAX_FILES,
                            headers=HEADER_BYTES)
        form = yield read_form(request, _Sink(folder, parted), limits)
        found = []
        for upload in form.uploads:
            # Some browsers send the whole path of the file.
            name = to_bytes(upload.filename.replace(u'\\', u'/').rpartition(u'/')[2])
            if not name and not upload.size:
                continue            # a field for a file that was left empty
            self._check_name(name)
            if self._is_taken(folder, name, self._replace):
                raise _Taken()
            found.append((upload.content, name))
        twins = len(set(name for _, name in found)) < len(found) and not self._rename
        if not found or twins:
            raise HTTPError('a form without files, or with two of one name', reply=400)
        for part, name in found:
            self._publish(part, name, self._replace)
        raise Return(Response(303, [(b'Location', join_segments(parts)),
                                    (b'Content-Type', b'text/plain')], b'303 See Other\n'))

    def _check_conditions(self, request, parts):
        # type: (Any, List[bytes]) -> None
        """Raises HTTPError if the file is not as the client expects it (RFC 9110 section 13)."""
        located = self._files.tree.locate(parts)
        fields = request.headers.get
        if located is not None:
            now = self._files.wall()
            identity = located.identity
            verdict = evaluate(request.method, fields, etag_of(identity, now),
                               modified_of(identity, now), now)
        elif fields(b'if-match') or fields(b'if-unmodified-since'):
            verdict = PRECONDITION_FAILED
        else:
            verdict = GO_AHEAD
        if verdict == PRECONDITION_FAILED:
            raise HTTPError('the file has changed', reply=412)

    def _is_taken(self, folder, name, replace):
        # type: (bytes, bytes, bool) -> bool
        """True if a file is in the way of an upload."""
        return not replace and not self._rename and os.path.lexists(os.path.join(folder, name))

    def _publish(self, part, name, replace):
        # type: (_Part, bytes, bool) -> Tuple[bytes, bool]
        """(the name that the file got, True if another file had it)."""
        if not self._rename:
            return name, part.publish(name, replace)
        stem, dot, ending = name.rpartition(b'.')
        if not stem:
            stem = name
            dot = b''
            ending = b''
        for number in range(1, MAX_NUMBER + 1):
            chosen = name if number == 1 else b'%s-%d%s%s' % (stem, number, dot, ending)
            try:
                part.publish(chosen, False)
            except _Taken:
                continue
            return chosen, False
        raise _Taken()

    def _check_name(self, name):
        # type: (bytes) -> None
        """Raises HTTPError for a name that is hidden, of a program, or none."""
        if (not is_plain_name(name) or is_hidden([b'', name])
                or is_program(name, self._suffixes)):
            raise HTTPError('the name cannot be that of an upload', reply=403)


def _sandboxed(response):
    # type: (Response) -> Response
    """*response*; if it is a document, as one whose scripts do not run (Content Security Policy).

    A copy, since the files give the same object to many.
    """
    kind = response.headers.get(b'content-type', b'').lower()
    if b'content-security-policy' in response.headers or b'html' not in kind and b'xml' not in kind:
        return response             # a page of ours, or nothing that has scripts
    changed = copy.copy(response)
    changed.fields = MutableHeaders(list(response.headers))
    changed.fields.add(b'Content-Security-Policy', b'sandbox')
    return changed


class _Sink(object):
    """The sink of `read_form`, which keeps the files in the folder itself."""

    def __init__(self, folder, parted):
        # type: (bytes, List[_Part]) -> None
        self._folder = folder
        self._parted = parted

    def open(self, _):
        # type: (Any) -> _Part
        """The target of the next file."""
        part = _Part(self._folder)
        self._parted.append(part)
        return part

    @staticmethod
    def discard(content):
        # type: (_Part) -> None
        """Removes a file: its form is incomplete."""
        content.discard()


class _Part(object):
    """A hidden file in the folder, which is not complete yet."""

    def __init__(self, folder):
        # type: (bytes) -> None
        self.size = 0
        self._folder = folder
        self._path = os.path.join(folder, b'.upload-%s.part' % hexlify(os.urandom(12)))
        self._file = open_plain(self._path, 'xb', follow=False)     # type: Any

    def write(self, data):
        # type: (bytes) -> None
        """Appends *data*."""
        self._file.write(data)
        self.size += len(data)

    def close(self):
        # type: () -> _Part
        """Ends the file, which is complete."""
        self._file.close()
        return self

    def publish(self, name, replace):
        # type: (bytes, bool) -> bool
        """Gives the file its name in one step; True if another file had it.

        Raises:   _Taken: the name is taken, and must not be replaced.
        """
        target = os.path.join(self._folder, name)
        there = os.path.lexists(target)
        if not replace:
            _claim(self._path, target)
        if replace or os.path.lexists(self._path):
            _replace(self._path, target)
        return there

    def abort(self):
        # type: () -> None
        """Removes it."""
        self.discard()

    def discard(self):
        # type: () -> None
        """Removes what was not published."""
        try:
            self._file.close()
        except FAILURES as exc:     # no room for what it held, which is not wanted
            log.info('the rest of an upload was dropped: %s', exc)
        try:
            if os.path.lexists(self._path):
                os.remove(self._path)
        except FAILURES as exc:
            log.warning('an upload could not be removed: %s: %s', escape(self._path), exc)


def _claim(source, target):
    # type: (bytes, bytes) -> None
    """Gives a file a second name that no other file has.

    If the file system has no links it makes an empty file of that name, for the caller to replace.

    Raises:   _Taken: another file has the name.
    """
    try:
        os.link(source, target)
    except FAILURES:
        if os.path.lexists(target):
            raise _Taken()
        try:
            open_plain(target, 'xb', follow=False).close()
        except FAILURES:
            if os.path.lexists(target):
                raise _Taken()
            raise
    else:
        os.remove(source)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues
