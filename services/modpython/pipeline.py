# Copyright the carryall authors.  See LICENSE.
"""Pipeline: the phases of a request, as a WSGI application.

    app = Pipeline(load('httpd.conf'), loop, 'httpd.conf')

Phases:   PostReadRequest, Trans (in ``main_interpreter``), then HeaderParser, Init, Access, Authen,
          Authz, Type, Fixup, Handler, Log and Cleanup with the values of the file's place.
          The handlers of a phase are called until one returns something else than OK.
Results:  OK and DECLINED go on, DONE ends the request, a status ends it with that status.  Anything
          else, and an exception, is 500 and a line in the log.  ``SERVER_RETURN`` has a result, or
          (result, status).
Default:  files are served, folders by DirectoryIndex, if no handler does it.
Tests:    tests/services/modpython/test_pipeline.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import posixpath
import sys
import traceback

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.services.modpython.accessrules import (PasswordCheck, address_verdict, user_verdict,
                                                     wants_user)
from carryall.services.modpython.apacheconstants import DECLINED, DONE, OK, STATUSES
from carryall.services.modpython.directives import Spec
from carryall.services.modpython.handlerpace import Paces
from carryall.services.modpython.heldoutput import HeldOutput
from carryall.services.modpython.pagefilters import FilteredInput, chain_of
from carryall.services.modpython.apacherequest import (ApacheRequest, Server, ServerReturn,
                                                        basic_credentials)
from carryall.services.modpython.requestplan import PYTHON_HANDLERS, Plans
from carryall.services.modpython.resultparts import ClosingBody, file_type, quoted_path, unwrapped
from carryall.services.modpython.siteconfig import HtaccessFault
from carryall.services.web.htmlpage import escape

__all__ = ['Pipeline']

# -- limits ------------------------------------------------------------------
MAX_REDIRECTS = 10          # internal ones of a request
MAX_SUBREQUESTS = 100       # of a request, those of sub-requests too
MAX_HANDLERS = 1000         # of one phase of one request, added ones too
MAX_STUCK = 32              # calls that do not return
RETRY_SECONDS = 60          # the Retry-After for a handler that is stuck

MAIN = 'main_interpreter'       # of the phases before a virtual host is known
RUN = 'carryall.run'            # the _Run of a request, in its environ
SERVER = 'carryall.server'      # its Server, if that is known

log = get_logger('modpython')


class FunctionSpec(object):
    """A handler that add_handler was given as a function."""

    module = None
    object = None
    suffixes = ()               # type: Tuple[str, ...]

    def __init__(self, function, directory):
        # type: (Any, Optional[str]) -> None
        self.function = function
        self.directory = directory

    def __repr__(self):
        return repr(self.function)


class Pipeline(object):
    """The WSGI application of one configuration.

    Args:     config: a SiteConfig.
              loop:   the loop, of which ``time``, ``wall`` and ``module_worlds`` are used.
              file:   the name of the configuration, for ``server.defn_name``.
              stuck:  handlers that may be stuck in all.

    Attributes:
        paces: the Paces.
        plans: the Plans.
    """

    def __init__(self, config, loop, file='', stuck=MAX_STUCK):
        # type: (SiteConfig, Any, str, int) -> None
        self.paces = Paces(stuck)
        self.plans = Plans(self.paces, loop.time)
        self.config = config
        self.interpreters = loop.module_worlds()
        self.time = loop.time
        self.wall = loop.wall
        self.session_locks = self.interpreters.named_locks(loop.time)
        self.running = set()        # type: Set[HeldOutput]
        self._file = file
        self._passwords = PasswordCheck()
        self._server_cleanups = []  # type: List[Any]
        self._servers = {}          # type: Dict[Any, Server]
        self._paths = {}            # type: Dict[str, Any]  # PythonPath -> sys.path, its folders

    def begin(self):
        # type: () -> None
        """Imports what PythonImport names.

        Raises:   what the modules raise.
        """
        for module, name in self.config.imports:
            interpreter = self.interpreters.named(name)
            with interpreter:
                interpreter.import_module(module, self._python_path(self.config.server.values))

    def end(self):
        # type: () -> None
        """Calls the cleanups of the server."""
        for function, data in self._server_cleanups:
            _call_quietly(function, data)

    def flush_old(self, now):
        # type: (float) -> None
        """Sends what outputs have held too long; on the loop's thread."""
        for output in list(self.running):
            output.flush_old(now)

    def __call__(self, environ, start_response):
        # type: (Dict[str, Any], Callable[..., Any]) -> Any
        run = _Run(self, environ, start_response)
        environ[RUN] = run
        output = run.output
        self.running.add(output)
        begun = self.time()
        try:
            return run.serve()
        finally:
            self.running.discard(output)
            if run.pace is not None:
                run.pace.note(self.time() - begun)

    # -- calls that take long; on the loop's thread ------------------------------------------------

    def pace_of(self, environ):
        # type: (Dict[str, Any]) -> Optional[Pace]
        """The Pace of a request that has not begun; None if it is unknown."""
        server = self.server_for(environ)
        environ[SERVER] = server
        plan = self.plans.known(server.host, environ['PATH_INFO'])
        return None if plan is None else plan.pace

    @staticmethod
    def note_stuck(environ, more):
        # type: (Dict[str, Any], int) -> None
        """Counts a call that is given up (1), or that has returned after all (-1)."""
        run = environ.get(RUN)
        if run is not None and run.pace is not None:
            run.pace.stuck += more

    # -- for a run ---------------------------------------------------------------------------------

    def server_for(self, environ):
        # type: (Dict[str, Any]) -> Server
        """The Server of a request."""
        name = environ.get('HTTP_HOST', '')
        if name.startswith('['):
            name = name.partition(']')[0] + ']'
        else:
            name = name.partition(':')[0]
        host = self.config.host(name)
        port = int(environ.get('SERVER_PORT', 0))
        server = self._servers.get((host, port))
        if server is None:          # at most one for each host and port that there is
            server = Server(host, port, self._file, self._server_cleanups)
            self._servers[host, port] = server
        return server

    def _python_path(self, values):
        # type: (Dict[str, Any]) -> List[str]
        """The folders of PythonPath, an expression such as "sys.path + ['/srv/lib']"."""
        text = values.get('PythonPath')
        if text is None:
            return []
        known = self._paths.get(text)
        if known is None or known[0] != sys.path:
            before = list(sys.path)
            # An expression of the configuration's author
            found = eval(text, {'sys': sys})    # pylint: disable=eval-used
            known = (before, [folder for folder in found if folder not in before])
            self._paths[text] = known
        return list(known[1])

    def call(self, request, spec, phase, argument=None):
        # type: (ApacheRequest, Any, str, Any) -> Any
        """Calls one handler, with *argument* or else the request; its result."""
        plan = request.plan if argument is None else None
        if argument is None:
            argument = request
        known = plan.modules.get(spec) if plan is not None else None
        if known is None:
            interpreter = self.interpreters.named(_interpreter_name(request, spec, phase))
        else:
            interpreter = known[0]
        vars(request)['interpreter'] = interpreter.name
        vars(request)['spec'] = spec
        with interpreter:
            if isinstance(spec, FunctionSpec):
                return spec.function(argument)
            if known is None:
                known = (interpreter, self._import(interpreter, spec, request.configured))
                if plan is not None:
                    plan.modules[spec] = known
            name = spec.object or phase[len('Python'):].lower()
            return _resolve(known[1], name, argument)(argument)

    def _import(self, interpreter, spec, values):
        # type: (Any, Any, Dict[str, Any]) -> Any
        """The module of a handler."""
        folders = [spec.directory] if spec.directory else []
        folders += self._python_path(values)
        return interpreter.import_module(spec.module, folders,
                                         values.get('PythonAutoReload', True),
                                         values.get('PythonDebug', False))

    def is_right(self, path, user, password):
        # type: (str, str, str) -> bool
        """True if a AuthUserFile has this name and password."""
        return self._passwords.check(path, user, password)


def _interpreter_name(request, spec, phase):
    # type: (ApacheRequest, Any, str) -> str
    values = request.configured
    if 'PythonInterpreter' in values:
        return values['PythonInterpreter']
    if phase in ('PythonPostReadRequestHandler', 'PythonTransHandler'):
        return MAIN
    if values.get('PythonInterpPerDirectory') and request.filename:
        folder = request.filename
        if not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        return folder.rstrip('/') + '/'
    if values.get('PythonInterpPerDirective') and spec.directory:
        return spec.directory.rstrip('/') + '/'
    return request.server.server_hostname


def _resolve(module, name, request):
    # type: (Any, str, ApacheRequest) -> Any
    """The handler *name*, dotted, in *module*; a class on the way is made an object of."""
    found = module
    for part in name.split('.'):
        if isinstance(found, type) or type(found).__name__ == 'classobj':
            found = found(request)
        found = getattr(found, part)
    return found


class _Run(object):
    """The phases of one request, and of those that it is redirected to.

    Attributes:
        output: the HeldOutput.
        pace:   the Pace of the last request; None if no place is known.
    """

    def __init__(self, pipeline, environ, start_response):
        # type: (Pipeline, Dict[str, Any], Any) -> None
        self.output = HeldOutput(start_response, pipeline.interpreters.new_lock(), pipeline.time)
        self.wall = pipeline.wall
        self.pace = None            # type: Optional[Pace]
        self._pipeline = pipeline
        self._environ = environ
        self._request = None        # type: Any  # the last of those that were redirected
        self._redirects = 0
        self._subrequests = 0
        self._chain = None          # type: Any  # of the filters of the response
        self._locked = {}           # type: Dict[str, int]  # sessions that this request has

    def serve(self):
        # type: () -> Any
        """Runs the phases; the body for WSGI."""
        environ = self._environ
        request = ApacheRequest(environ, self,
                                environ.get(SERVER) or self._pipeline.server_for(environ))
        self._request = request
        result = self._phases(request)
        request = self._request
        body = self._finished(request, result)
        self._phase(request, 'PythonLogHandler')
        if not self._has_cleanups(request):
            return body
        return ClosingBody(body, lambda: self._over(request))

    @staticmethod
    def _has_cleanups(request):
        # type: (Any) -> bool
        while request is not None:
            if request.has_cleanups():
                return True
            request = request.prev
        return False

    def _over(self, request):
        # type: (ApacheRequest) -> None
        """The response is over: the cleanups of the request."""
        while request is not None:
            self._phase(request, 'PythonCleanupHandler')
            for function, data in request.cleanups:
                _call_quietly(function, data)
            request = request.prev

    # -- for the ApacheRequest ---------------------------------------------------------------------

    @property
    def interpreter(self):
        # type: () -> Any
        """The interpreter that the handler is in."""
        return self._pipeline.interpreters.current()

    @property
    def sent(self):
        # type: () -> int
        """Octets of the body so far."""
        return self.output.sent

    def send_headers(self, request):
        # type: (ApacheRequest) -> None
        """Fixes the header section."""
        request = request.main or request
        if not self.output.started:
            self._begin_output(request)
        self.output.send_headers(request)

    def write(self, request, data, is_flushed):
        # type: (ApacheRequest, bytes, Any) -> None
        """Writes a piece of the body."""
        request = request.main or request
        if not self.output.started:
            self._begin_output(request)
        if self._chain is not None:
            data = self._chain.feed(data)
            if not data:
                return
        self.output.write(request, data, is_flushed)

    def _begin_output(self, request):
        # type: (ApacheRequest) -> None
        """Makes the chain of the filters, if there are any."""
        if request.is_error_page or self._chain is not None:
            return
        self._chain = chain_of(request, False, lambda one: self._pipeline.call(
            request, one.spec, 'PythonOutputFilter', one))
        if self._chain is not None and 'Content-Length' in request.headers_out:
            del request.headers_out['Content-Length']

    def _end_output(self, request):
        # type: (ApacheRequest) -> List[bytes]
        """The rest of the body, behind the filters."""
        chain = self._chain
        if chain is not None:
            self._chain = None
            try:
                data = chain.finish()
            except FAILURES:
                log.exception('%s: a filter failed', request.uri)
                data = b''
            if data:
                self.output.write(request, data, False)
        return self.output.end(request)

    def input_of(self, request, source):
        # type: (ApacheRequest, Any) -> Any
        """The body *source* behind the filters."""
        chain = chain_of(request, True, lambda one: self._pipeline.call(
            request, one.spec, 'PythonInputFilter', one))
        return source if chain is None else FilteredInput(source, chain)

    def flush(self, request):
        # type: (ApacheRequest) -> None
        """Sends what is held."""
        self.output.flush(request)

    def lock(self, name):
        # type: (str) -> bool
        """Locks a session for this request; false if others have it for too long."""
        count = self._locked.get(name, 0)
        if not count and not self._pipeline.session_locks.acquire(name):
            return False
        self._locked[name] = count + 1
        return True

    def unlock(self, name):
        # type: (str) -> None
        """Gives it back, as often as it was locked."""
        self._locked[name] -= 1
        if not self._locked[name]:
            del self._locked[name]
            self._pipeline.session_locks.release(name)

    @staticmethod
    def spec(handler, directory):
        # type: (Any, Optional[str]) -> Any
        """The spec of a handler that add_handler was given."""
        if callable(handler):
            return FunctionSpec(handler, directory)
        return Spec(handler, directory)

    def redirect(self, former, uri):
        # type: (ApacheRequest, str) -> None
        """Runs the phases for another path."""
        if self._redirects >= MAX_REDIRECTS:
            raise ServerReturn(500)
        self._redirects += 1
        path, _, query = uri.partition('?')
        environ = dict(self._environ)
        environ['PATH_INFO'] = path
        environ['QUERY_STRING'] = query
        environ['REQUEST_URI'] = uri
        request = ApacheRequest(environ, self, former.server, former)
        vars(former)['next'] = request
        self._request = request
        result = self._phases(request)
        raise ServerReturn(DONE if result in (OK, DECLINED) else result)

    def lookup(self, main, uri):
        # type: (ApacheRequest, str) -> ApacheRequest
        """A sub-request: the phases up to the content for another path.

        Raises:   ServerReturn: too many.
        """
        self._subrequests += 1
        if self._subrequests > MAX_SUBREQUESTS:
            log.error('%s: more than %d sub-requests', main.uri, MAX_SUBREQUESTS)
            raise ServerReturn(500)
        path, _, query = uri.partition('?')
        environ = dict((name, value) for name, value in self._environ.items()
                       if not name.startswith('HTTP_IF_') and name != 'CONTENT_LENGTH')
        environ.update(REQUEST_METHOD='GET', PATH_INFO=path, QUERY_STRING=query, REQUEST_URI=uri)
        environ['wsgi.input'] = io.BytesIO()
        request = ApacheRequest(environ, self, main.server)
        vars(request).update(main=main.main or main, connection=main.connection, is_lookup=True)
        pace = self.pace
        result = self._phases(request)
        self.pace = pace
        if result not in (OK, DECLINED, DONE):
            request.status = result
        return request

    def run_content(self, request):
        # type: (ApacheRequest) -> int
        """Writes the content of a sub-request into the response."""
        if request.status >= 300:
            return request.status
        vars(request)['is_lookup'] = False
        result = self._content(request)
        for function, data in request.cleanups:
            _call_quietly(function, data)
        return result

    # -- phases ------------------------------------------------------------------------------------

    def _phases(self, request):
        # type: (ApacheRequest) -> int
        """Runs the phases up to the content; OK, DONE or a status."""
        host = request.server.host
        if host.has_early_handlers:
            return self._phases_from_the_first(request, host)
        plans = self._pipeline.plans
        path = request.environ_path
        if '%2f' in request.unparsed_uri.lower():   # its answer is no one else's
            return self._phases_from_the_first(request, host)
        plan = plans.fresh(host, path)
        own = vars(request)
        if plan is None:
            result = self._place(request, host)
            if result not in (OK, DECLINED):
                return result
            plan = plans.add(host, path, request)
        else:
            own['uri'] = plan.uri
            own['filename'] = plan.filename
            own['canonical_filename'] = plan.filename
            own['path_info'] = plan.path_info
            own['configured'] = plan.values
        own['plan'] = plan
        self.pace = plan.pace
        if plan.pace.stuck and self._pipeline.paces.refuses(plan.pace):
            return self._refuse(request)
        if not plan.is_direct:
            return self._phases_up_to_the_content(request)
        own['handler'] = plan.handler
        if plan.handler not in PYTHON_HANDLERS:
            own['content_type'] = file_type(request)
        return self._content(request)

    @staticmethod
    def _refuse(request):
        # type: (ApacheRequest) -> int
        """Too many calls of this handler do not return."""
        log.error('%s: its handler does not return, so it is not called again', request.uri)
        request.err_headers_out['Retry-After'] = '%d' % RETRY_SECONDS
        return 503

    def _phases_from_the_first(self, request, host):
        # type: (ApacheRequest, Any) -> int
        vars(request)['configured'] = host.values
        result = self._phase(request, 'PythonPostReadRequestHandler')
        if result in (OK, DECLINED):
            result = self._place(request, host)
        if result not in (OK, DECLINED):
            return result
        return self._phases_up_to_the_content(request)

    def _place(self, request, host):
        # type: (ApacheRequest, Any) -> int
        """Finds the file of a request, and what is configured for it."""
        own = vars(request)
        own['configured'] = host.values
        result = self._translate(request)
        if result not in (OK, DECLINED):
            return result
        try:
            own['configured'] = host.values_for(request.uri, request.filename)
        except HtaccessFault:
            return 500
        return OK

    def _phases_up_to_the_content(self, request):
        # type: (ApacheRequest) -> int
        for phase in (self._check_file, self._headers, self._access, self._authen, self._type,
                      self._fixup):
            result = phase(request)
            if result not in (OK, DECLINED):
                return result
        return self._content(request)

    def _translate(self, request):
        # type: (ApacheRequest) -> int
        result = self._phase(request, 'PythonTransHandler')
        if result not in (OK, DECLINED) or result == OK and request.filename is not None:
            return result
        uri = request.uri
        if not uri.startswith('/') or '\0' in uri:
            return 400
        # A slash that is encoded would begin another segment (AllowEncodedSlashes Off)
        if '%2f' in request.unparsed_uri.partition('?')[0].lower():
            return 404
        path = posixpath.normpath(uri)
        if path.startswith('//'):
            path = path[1:]
        if uri.endswith(('/', '/.', '/..')) and path != '/':
            path += '/'
        request.uri = path
        host = request.server.host
        request.filename, request.path_info = host.translate(host.candidate(path))
        request.canonical_filename = request.filename
        return OK

    @staticmethod
    def _check_file(request):
        # type: (ApacheRequest) -> int
        """Files such as .htaccess and .htpasswd are never served."""
        parts = (request.filename + (request.path_info or '')).split('/')
        return 403 if any(part.startswith('.ht') for part in parts) else OK

    def _headers(self, request):
        # type: (ApacheRequest) -> int
        for phase in ('PythonHeaderParserHandler', 'PythonInitHandler'):
            result = self._phase(request, phase)
            if result not in (OK, DECLINED):
                return result
        return OK

    def _access(self, request):
        # type: (ApacheRequest) -> int
        result = self._phase(request, 'PythonAccessHandler')
        if result not in (OK, DECLINED):
            return result
        if not address_verdict(request.configured, request.connection.remote_ip):
            return 403
        return OK

    def _authen(self, request):
        # type: (ApacheRequest) -> int
        values = request.configured
        if not wants_user(values):
            return OK
        result = self._phase(request, 'PythonAuthenHandler')
        if result == DECLINED:
            result = self._password(request)
        if result == OK:
            result = self._phase(request, 'PythonAuthzHandler')
            if result == DECLINED:
                result = OK if user_verdict(values, request.user) else 401
        if result == 401 and 'WWW-Authenticate' not in request.err_headers_out:
            realm = values.get('AuthName', 'restricted').replace('\\', '').replace('"', '')
            request.err_headers_out['WWW-Authenticate'] = 'Basic realm="%s"' % realm
        return result

    def _password(self, request):
        # type: (ApacheRequest) -> int
        """The Basic log-in with AuthUserFile."""
        path = request.configured.get('AuthUserFile')
        if path is None:
            log.error('%s: Require wants a name, but nothing checks passwords', request.uri)
            return 500
        name, password = basic_credentials(request.headers_in)
        if name is None or not self._pipeline.is_right(path, name, password):
            return 401
        request.user = name
        request.ap_auth_type = 'Basic'
        return OK

    def _type(self, request):
        # type: (ApacheRequest) -> int
        values = request.configured
        suffix = posixpath.splitext(request.filename)[1].lower()
        if request.handler is None:
            request.handler = (values.get('SetHandler') or
                               values.get('AddHandler', {}).get(suffix))
            if (request.handler or 'none').lower() in ('none', 'default-handler'):
                request.handler = None
        result = self._phase(request, 'PythonTypeHandler')
        if result == DECLINED and request.content_type is None:
            if request.handler not in PYTHON_HANDLERS:
                request.content_type = file_type(request)
        return result

    def _fixup(self, request):
        # type: (ApacheRequest) -> int
        result = self._phase(request, 'PythonFixupHandler')
        if result in (OK, DECLINED) and os.path.isdir(request.filename):
            return self._folder(request)
        return result

    def _folder(self, request):
        # type: (ApacheRequest) -> int
        """A folder: its index, if it has one."""
        names = request.configured.get('DirectoryIndex', ['index.html'])
        if request.uri.endswith('/'):
            for name in names:
                if os.path.isfile(os.path.join(request.filename, name)):
                    query = '?' + request.args if request.args else ''
                    try:
                        self.redirect(request, request.uri + name + query)
                    except ServerReturn as returned:
                        return returned.result
        else:
            query = '?' + request.args if request.args else ''
            request.headers_out['Location'] = request.construct_url(
                quoted_path(request.uri) + '/' + query)
            return 301
        return OK

    def _content(self, request):
        # type: (ApacheRequest) -> int
        if request.is_lookup:
            return OK
        if request.handler in PYTHON_HANDLERS:
            result = self._phase(request, 'PythonHandler')
            if result != DECLINED:
                return result
        return self._send_file(request)

    @staticmethod
    def _send_file(request):
        # type: (ApacheRequest) -> int
        """The file, if it is one and nothing follows its name."""
        if request.method not in ('GET', 'HEAD', 'POST'):
            return 405
        path = request.filename
        if request.path_info or not os.path.isfile(path):
            return 404
        try:
            state = os.stat(path)
            with open(path, 'rb'):
                pass
        except (IOError, OSError):
            return 403
        request.update_mtime(int(state.st_mtime))
        request.set_last_modified()
        request.set_etag()
        if request.meets_conditions() == 304:
            return 304
        if request.content_type is None:
            request.content_type = file_type(request)
        request.set_content_length(state.st_size)
        if request.method != 'HEAD':
            request.sendfile(path, 0, state.st_size)
        return OK

    def _phase(self, request, phase):
        # type: (ApacheRequest, str) -> int
        """Calls the handlers of a phase; DECLINED if there is none."""
        if phase not in request.configured and not request.adds:
            return DECLINED
        vars(request)['phase'] = phase
        result = DECLINED
        number = 0
        while number < MAX_HANDLERS:
            specs = request.hlist_of(phase)
            if number >= len(specs):
                break
            spec = specs[number]
            number += 1
            if spec.suffixes and not (request.filename or '').endswith(tuple(spec.suffixes)):
                continue
            result = self._call(request, spec, phase)
            if result != OK:
                break
        return result

    def _call(self, request, spec, phase):
        # type: (ApacheRequest, Any, str) -> int
        try:
            result = self._pipeline.call(request, spec, phase)
        except ServerReturn as returned:
            result = unwrapped(request, returned)
        except FAILURES + (SystemExit,) as exc:
            return self._failed(request, spec, phase, exc)
        if isinstance(result, bool) or not isinstance(result, int):
            log.error('%s: %s %r returned %r and not an integer', request.uri, phase, spec, result)
            return 500
        return result

    @staticmethod
    def _failed(request, spec, phase, error):
        # type: (ApacheRequest, Any, str, BaseException) -> int
        text = traceback.format_exc()
        log.error('%s: %s %r raised %s\n%s', request.uri, phase, spec, type(error).__name__, text)
        if request.configured.get('PythonDebug') and not request.run.output.started:
            request.status = 500
            request.content_type = 'text/html; charset=utf-8'
            request.write('<!DOCTYPE html>\n<title>500 Internal Server Error</title>\n<pre>\n%s: '
                          '%r\n\n%s</pre>\n' % (phase, escape(repr(spec)), escape(text)))
            return DONE
        return 500

    # -- the response ------------------------------------------------------------------------------

    def _finished(self, request, result):
        # type: (ApacheRequest, int) -> List[bytes]
        """The rest of the body, of an error page if nothing was sent."""
        if result in (OK, DONE, DECLINED) or self.output.started:
            if result not in (OK, DONE, DECLINED):
                log.error('%s: %d behind the beginning of the response', request.uri, result)
            return self._end_output(request)
        if result not in STATUSES or result < 200:
            log.error('%s: the status %r is unknown', request.uri, result)
            result = 500
        request.status = result
        return self._error_page(request, result)

    def _error_page(self, request, status):
        # type: (ApacheRequest, int) -> List[bytes]
        if status in (204, 304):
            return self._end_output(request)
        words = request.configured.get('ErrorDocument', {}).get(status)
        if status == 405 and 'Allow' not in request.err_headers_out:
            request.err_headers_out['Allow'] = ', '.join(request.allowed_methods or ('GET', 'HEAD'))
        if words is not None and words.startswith('/') and self._redirects < MAX_REDIRECTS:
            try:
                self.redirect(request, words)
            except ServerReturn as returned:
                result = returned.result
                if result == DONE:
                    return self._end_output(self._request)
        location = request.headers_out.get('Location')
        if status in (301, 302, 303, 307) and location:
            request.err_headers_out['Location'] = location
        vars(request)['is_error_page'] = True
        reason = STATUSES[status][1]
        request.content_type = 'text/html; charset=utf-8'
        if words is None or words.startswith(('/', 'http:', 'https:')):
            words = ('<!DOCTYPE html>\n<html lang="en"><head><title>%d %s</title></head>\n'
                     '<body><h1>%s</h1></body></html>\n' % (status, reason, reason))
        request.write(words)
        return self._end_output(request)


def _call_quietly(function, data):
    # type: (Callable[[Any], Any], Any) -> None
    """Calls a cleanup; what it raises goes to the log."""
    try:
        function(data)
    except FAILURES:
        log.exception('a cleanup failed')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple
    from carryall.services.modpython.handlerpace import Pace
    from carryall.services.modpython.siteconfig import SiteConfig
