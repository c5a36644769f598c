# Copyright the carryall authors.  See LICENSE.
"""The service type ``web``: folders over HTTP/1.1, in clear and over TLS.

    carryall web --path site          mktap web --path site && twistd -f web.tap

Two sites share the content: that of http (and of Unix sockets), and that of https.  A request is
passed to its host (hosts.py), then to the redirect, if http has one, and to the login check
(loginguard.py).  Then follow WebFinger (webfinger.py) and the files (static.py).

Tests:    tests/services/web/test_service.py, test_https.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.activity import activity_of
from carryall.core.codec.uri import join_segments
from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import UsageError
from carryall.core.files.fileuser import opened
from carryall.core.files.smallfile import read_small
from carryall.app.servicetypes import ServerType
from carryall.app.service import DRAIN_SECONDS, MultiService, Service
from carryall.protocols.http import Settings, Site
from carryall.protocols.http.fields import BINARY, MAX_FILE_BYTES, read_mime_types
from carryall.services.acme import options as acme
from carryall.services.web import access, https, programs, uploadsite
from carryall.services.web.additions import ADDITIONS
from carryall.services.web.accesslog import AccessLog, RequestLines
from carryall.services.web.errorpage import error_response
from carryall.services.web.hosts import HostLogs, HostTable, VirtualHosts
from carryall.services.web.options import LISTENING, SCHEMA, TypeRule, endpoints_of, is_bare
from carryall.services.web.static import DEFAULT_INDEX, StaticFiles
from carryall.services.web.webfinger import make_webfinger

__all__ = ['TYPE', 'WebService', 'WebType']

# The answer to a connection above the limit
REFUSAL = (
    b'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: '
    b'text/plain\r\nRetry-After: 10\r\n'
           b'Content-Length: 24\r\n\r\n503 Service Unavailable\n')


class WebService(Service):
    """A site of static files, or one for each host.

    Args:     options: as ``options.SCHEMA`` gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        Service.__init__(self, 'web')
        self._options = options
        self._servers = MultiService('web')
        # 'http' or 'https' -> its site
        self._sites = []            # type: List[Tuple[str, Site]]
        self._door = None           # type: Any
        # The UserDirectory of --user, made once as it has connections
        self._added = {}            # type: Dict[str, Any]
        self._logs = []             # type: List[AccessLog]
        self._programs = None       # type: Optional[programs.Programs]
        self._renewal = None        # type: Any
        self._port = 0              # of https, once it is known

    def start(self, loop):
        options = self._options
        for folder in self._folders():
            if not os.path.isdir(folder):
                raise UsageError(u'folder %s is missing' % folder)
        self._renewal = acme.make_renewal(options, loop, self._renewed)
        try:
            if self._renewal is not None:
                self._renewal.prepare()
            self._door = access.make_door(options, loop)
            self._programs = programs.make_programs(options, loop)
            apps = self._make_apps(loop)
            self._add_servers(loop, apps, self._open_logs(loop))
            last = self._servers.children[-1]
            for addition in ADDITIONS:
                self._servers.children += addition.companions(options)
            self._servers.start(loop)
            self._port = last.listeners[0].address.port
            if self._renewal is not None:
                self._renewal.start()
        except FAILURES:
            self._close()
            raise
        self.loop = loop

    def application(self, loop):
        # type: (Any) -> Any
        """The application without its listeners, for a place of another site; `release` ends it."""
        self._door = access.make_door(self._options, loop)
        self._programs = programs.make_programs(self._options, loop)
        return self._app_of('http', self._make_apps(loop))

    def release(self):
        # type: () -> Any
        """Closes the resources of `application`; a Future if that takes time."""
        return self._close()

    def _add_servers(self, loop, apps, log):
        # type: (Any, List[Tuple[str, Any]], Any) -> None
        options = self._options
        limits = LISTENING.limits(options, REFUSAL, loop)
        endpoints = endpoints_of(options)
        for addition in ADDITIONS:
            factory = addition.factory(options, self._app_of('http', apps), loop)
            if factory is not None:
                self._servers.children.append(LISTENING.server(
                    addition.NAME, options, factory,
                    self._context,
                    LISTENING.limits(options), endpoints))
                return
        for name in ('http', 'https'):
            chosen = [endpoint for endpoint in endpoints if (endpoint.kind == 'tls')
                      == (name == 'https')]
            if chosen:
                fields = https.standing_fields(options) if name == 'https' else ()
                settings = Settings(write_rate=options.min_rate, fields=fields,
                                    body_bytes=options.max_body,
                                    error_response=error_response)
                site = Site(self._app_of(name, apps), loop, settings, access_log=log)
                self._sites.append((name, site))
                self._servers.children.append(LISTENING.server(
                    name, options, site, self._context, limits, chosen))

    def _context(self, endpoint):
        # type: (Any) -> Any
        """The TLSContext of an endpoint."""
        made = https.context_of(self._options, endpoint)
        if self._renewal is not None:
            made.detours = self._renewal.challenges.detours
        return made

    def _renewed(self):
        # type: () -> None
        """Takes new certificates into use, for the connections to come."""
        for server in self._servers.children:
            server.reload()

    def stop(self, seconds=DRAIN_SECONDS):
        self.loop = None
        return self._servers.stop(seconds).then(lambda _: self._close())

    def reload(self):
        """Reads types and certificates again, and reopens the log files; after an error
        everything stays as it was.
        """
        if self.loop is None:
            return
        apps = self._make_apps(self.loop)
        for server in self._servers.children:
            server.reload()
        for name, site in self._sites:
            site.app = self._app_of(name, apps)
        if self._door is not None:
            self._door.reload()
        for log in self._logs:
            log.reopen()

    def listening(self):
        return self._servers.listening()

    def _close(self):
        # type: () -> Any
        """Closes all that the sites need; a Future if that takes time."""
        del self._servers.children[:], self._sites[:]
        added = list(self._added.values())
        self._added.clear()
        for app in added:
            app.close()
        if self._renewal is not None:
            self._renewal.close()
            self._renewal = None
        if self._programs is not None:
            self._programs.close()
            self._programs = None
        logs, self._logs = self._logs, []
        for log in logs:
            log.close()
        door, self._door = self._door, None
        return None if door is None else door.close()

    # -- the logs ----------------------------------------------------------------------------------

    def _open_logs(self, loop):
        # type: (Any) -> Any
        """The access log of the sites, or None."""
        found = self._open_files(loop)
        activity = activity_of(loop)
        return found if activity is None else RequestLines(activity, found)

    def _open_files(self, loop):
        # type: (Any) -> Any
        """The files of the access log, or None."""
        options = self._options
        main = None if options.logfile is None else self._open_log(options.logfile, loop)
        if not options.vhost_log:
            return main
        return HostLogs(HostTable([(name, self._open_log(path, loop))
                                   for name, path in options.vhost_log]), main)

    def _open_log(self, path, loop):
        # type: (str, Any) -> AccessLog
        for log in self._logs:
            if log.path == path:
                return log          # two hosts may share one
        log = opened(loop, lambda: AccessLog(path, loop, self._options.log_format))
        self._logs.append(log)
        return log

    # -- what is served ----------------------------------------------------------------------------

    def _folders(self):
        # type: () -> List[str]
        path = self._options.path
        return [folder for _, folder in self._options.vhost] + ([] if path is None else [path])

    def _make_apps(self, loop):
        # type: (Any) -> List[Tuple[str, Any]]
        """(host, application) pairs, each application behind the login check; one pair without
        virtual hosts."""
        options = self._options
        types = _types_of(options.mime_types) if options.mime_types is not None else {}
        pairs = options.vhost + ([] if options.path is None else [(u'*', options.path)])
        running = [None if self._programs is None else self._programs.beside() for _ in pairs]
        found = [(name, self._make_files(folder, loop, types, run))
                 for (name, folder), run in zip(pairs, running)]   # type: List[Tuple[str, Any]]
        for addition in ADDITIONS:
            if addition.serves(options):
                if addition.NAME not in self._added:
                    self._added[addition.NAME] = addition.application(options, loop)
                found.append((u'*', self._added[addition.NAME]))
        if not found:
            found.append((u'*', self._demo(loop)))
        finger = make_webfinger(options, loop)
        if finger is not None:
            found = [(name, finger.before(app)) for name, app in found]
        if self._door is not None:
            found = [(name, self._door.protect(app)) for name, app in found]
        for run, (_, app) in zip(running, found):
            if run is not None:
                run.site = app      # a local redirect needs the login of its target
        return found

    def _demo(self, loop):
        # type: (Any) -> Any
        """The page of a server that was given nothing to serve."""
        if 'demo' not in self._added:
            from carryall.services.web.demopage import DemoPage
            self._added['demo'] = DemoPage(loop)
        return self._added['demo']

    def _app_of(self, name, apps):
        # type: (str, List[Tuple[str, Any]]) -> Any
        """The application of the site of http or of https."""
        if name == 'http' and self._options.redirect_https:
            apps = [(host, https.Redirect(app, lambda: self._port)) for host, app in apps]
        found = VirtualHosts(HostTable(apps)) if self._options.vhost else apps[0][1]
        return found if self._renewal is None else self._renewal.challenges.before(found)

    def _make_files(self, folder, loop, mime_types, run):
        # type: (str, Any, Dict[Any, Any], Optional[programs.Programs]) -> Any
        options = self._options
        types = dict(mime_types)    # type: Dict[Any, Any]
        default = BINARY            # type: Any
        for rule in options.mime_type:
            ending, kind = TypeRule().split(rule)
            if ending is None:
                default = kind
            else:
                types[ending.lower().lstrip(u'.').encode('utf-8')] = kind
        endings = list(options.ignore_ext)
        if options.allow_ignore_ext:
            endings.append(u'*')
        files = StaticFiles(
            folder, loop.wall, index=options.index or DEFAULT_INDEX, mime_types=types,
            default_type=default,
            listing=options.listing, dotfiles='show' if options.dotfiles else 'hide',
            symlinks=str(options.symlinks), cache_control=options.cache_control,
            downloads=options.download,
            error_pages=dict(options.error_page), ignored_endings=endings, gzip=options.gzip,
            precompressed=options.precompressed, turns=loop.turns, programs=run)
        stored = uploadsite.folders_in(folder, options.upload)
        return files if not stored else uploadsite.UploadSite(
            files, stored, options.upload_size, options.upload_replace, run, options.upload_rename,
            access.make_upload_door(options, loop))


class WebType(ServerType):
    """The service type of ``mktap web`` and ``carryall web``."""

    name = 'web'
    summary = 'web server for a folder of files'
    version = 1
    options = SCHEMA
    service = WebService

    def started_by_hand(self, options):
        said = [] if options.path is None else [u'folder %s' % options.path]
        if is_bare(options):
            return [u'a page of widgets; --path FOLDER serves a folder']
        for addition in ADDITIONS:
            said += addition.shown(options)
        if options.acme:
            said.append(u'certificate for %s by ACME' % u', '.join(options.acme))
        run = programs.described(options)
        stored = [] if options.path is None else uploadsite.folders_in(options.path, options.upload)
        pages = [join_segments(names + [b'']).decode('ascii') for names in stored]
        if pages:
            said.append(u'uploads at %s' % u', '.join(page + u'?upload' for page in pages))
        # Uploads into the whole tree leave no program to run.
        return said if run is None or [] in stored else said + [run]

    def saved(self, options):
        return [line for addition in ADDITIONS for line in addition.shown(options)]

    def listened(self, options):
        return endpoints_of(options)

    def check(self, options):
        """The files and folders that are missing, and an account file that cannot be used."""
        return (ServerType.check(self, options) + https.problems(options)
                + access.problems(options) + _missing_pages(options))


TYPE = WebType()


def _missing_pages(options):
    # type: (OptionValues) -> List[str]
    """A text for each error page that no folder has; some of the hosts may lack a page."""
    folders = ([folder for _, folder in options.vhost]
               + ([] if options.path is None else [options.path]))
    return [u'option --error-page: file %s is missing in the folder that is served' % name
            for _,
            name in options.error_page
            if not any(os.path.isfile(os.path.join(folder, name)) for folder in folders)]


def _types_of(path):
    # type: (str) -> Dict[Any, Any]
    return dict(read_mime_types(read_small(to_bytes(path), MAX_FILE_BYTES)))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
