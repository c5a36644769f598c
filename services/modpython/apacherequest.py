# Copyright the carryall authors.  See LICENSE.
"""ApacheRequest: the object ``req`` of mod_python, and its connection and server.

The members are those of mod_python 2.7.8, and those of 3.5 that handlers use.  Members of
``READ_ONLY`` raise ReadOnlyMember when they are assigned.

Text:     strings are ``str``.  On Python 3, ``req.read()`` returns bytes as in mod_python 3.5, and
          ``req.write`` takes ``str``, in UTF-8, or bytes.
Tests:    tests/services/modpython/test_apacherequest.py, doc/conformance/mod_python.md
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import PY2, native
from carryall.protocols.http.fields import format_date
from carryall.services.modpython.apacheconstants import METHODS, OK, STATUSES
from carryall.services.modpython.apachelog import log_error
from carryall.services.modpython.apachetable import Table
from carryall.services.modpython.directives import PHASES
from carryall.services.modpython.fileinfo import file_info
from carryall.services.modpython.currentspec import CurrentSpec
from carryall.services.modpython.requestfacts import basic_credentials, python_directives

__all__ = ['Connection', 'ApacheRequest', 'READ_ONLY', 'ReadOnlyMember', 'Server', 'ServerReturn']

BLOCK_BYTES = 65536         # octets of one piece of a file that is sent
MAX_LINE = 65536            # octets of one line of ``readline``
MAX_CLEANUPS = 1000         # of one request


class ReadOnlyMember(AttributeError, TypeError):
    """A member that handlers may not assign."""


class ServerReturn(Exception):
    """``apache.SERVER_RETURN``: ends a handler with a status, or (result, status).

    Attributes:
        result: the first of what it was raised with.
    """

    @property
    def result(self):
        # type: () -> Any
        return self.args[0]


class Server(object):
    """``req.server``: one host of the configuration."""

    READ_ONLY = frozenset((
        'defn_name', 'defn_line_number', 'server_admin', 'server_hostname', 'port', 'error_fname',
        'loglevel', 'is_virtual', 'timeout', 'keep_alive', 'keep_alive_max', 'keep_alive_timeout',
        'path', 'pathlen', 'names', 'wild_names', 'server_uid', 'server_gid', 'send_buffer_size',
        'srm_confname', 'access_confname'))

    def __init__(self, host, port, config_file, cleanups):
        # type: (Any, int, str, List[Any]) -> None
        own = vars(self)
        own['host'] = host
        own['defn_name'] = config_file
        own['defn_line_number'] = 0
        own['srm_confname'] = None
        own['access_confname'] = None
        own['server_admin'] = host.values.get('ServerAdmin', '[no address given]')
        own['server_hostname'] = host.name
        own['port'] = port
        own['names'] = list(host.aliases)
        own['wild_names'] = []
        own['error_fname'] = None
        own['loglevel'] = 6
        own['is_virtual'] = int(host.is_virtual)
        own['timeout'] = 60.0
        own['keep_alive'] = 1
        own['keep_alive_max'] = 0
        own['keep_alive_timeout'] = 60.0
        own['send_buffer_size'] = 0
        own['path'] = None
        own['pathlen'] = 0
        own['server_uid'] = os.getuid() if hasattr(os, 'getuid') else 0
        own['server_gid'] = os.getgid() if hasattr(os, 'getgid') else 0
        own['cleanups'] = cleanups

    def __setattr__(self, name, value):
        if name in self.READ_ONLY:
            raise ReadOnlyMember('server.%s is read-only' % name)
        object.__setattr__(self, name, value)

    def get_config(self):
        # type: () -> Table
        """The directives of Python outside of sections."""
        return python_directives(self.host.values)

    def get_options(self):
        # type: () -> Table
        """The PythonOption values outside of sections."""
        return Table(self.host.values.get('PythonOption', {}))

    def register_cleanup(self, request, function, data=None):
        # type: (ApacheRequest, Callable[[Any], Any], Any) -> None
        """Calls *function* with *data* when the server ends."""
        if not callable(function):
            raise ValueError('first argument must be a callable object')
        self.cleanups.append((function, data))

    def log_error(self, message, level=3):
        # type: (str, int) -> None
        """Writes to the log."""
        log_error(message, level)


class Connection(object):
    """``req.connection``."""

    READ_ONLY = frozenset((
        'base_server', 'server', 'child_num', 'local_addr', 'remote_addr', 'remote_ip',
        'remote_host', 'remote_logname', 'aborted', 'keepalive', 'double_reverse', 'keepalives',
        'local_ip', 'local_host', 'id', 'notes'))

    def __init__(self, environ, server):
        # type: (Dict[str, Any], Server) -> None
        own = vars(self)
        own['base_server'] = server
        own['server'] = server
        own['child_num'] = 0
        own['id'] = 0
        address = environ.get('REMOTE_ADDR', '')
        own['remote_ip'] = address
        own['remote_addr'] = (address, int(environ.get('REMOTE_PORT', 0)))
        own['remote_host'] = None
        own['remote_logname'] = None
        here = environ.get('SERVER_NAME', '')
        own['local_ip'] = here
        own['local_addr'] = (here, int(environ.get('SERVER_PORT', 0)))
        own['local_host'] = None
        own['aborted'] = 0
        own['keepalive'] = 1
        own['keepalives'] = 0
        own['double_reverse'] = 0
        own['notes'] = Table()
        self.user = None            # type: Any
        self.ap_auth_type = None    # type: Any

    def __setattr__(self, name, value):
        if name in self.READ_ONLY:
            raise ReadOnlyMember('connection.%s is read-only' % name)
        object.__setattr__(self, name, value)


# Members that handlers may read alone.  bytes_sent and status_line are computed.
READ_ONLY = frozenset((
    'connection', 'server', 'next', 'prev', 'main', 'the_request', 'assbackwards', 'proxyreq',
    'header_only', 'protocol', 'proto_num', 'hostname', 'request_time', 'method', 'method_number',
    'allowed', 'sent_bodyct', 'mtime', 'chunked', 'byterange', 'boundary', 'range', 'clength',
    'remaining', 'read_length', 'read_body', 'read_chunked', 'content_language',
    'content_languages', 'vlist_validator', 'unparsed_uri', 'args', 'headers_in',
    'headers_out', 'err_headers_out', 'subprocess_env', 'notes', 'phase', 'interpreter',
    'allowed_xmethods', 'allowed_methods', 'expecting_100', 'parsed_uri', 'used_path_info',
    'eos_sent', 'hlist', 'is_https', 'ssl_var_lookup'))


class ApacheRequest(object):
    """One request, for handlers.

    Args:     environ: of WSGI, with an octet in each character.
              run:     the pipeline's work on it, which has its HeldOutput.
              server:  a Server.
              former:  the request that was redirected to this one; None for the first.
    """

    _environ = {}               # type: Dict[str, Any]
    _rest = b''                 # octets that were read behind a line

    # Members of which most requests have the same.
    configured = {}             # type: Dict[str, Any]  # that is said of its place, once known
    plan = None                 # type: Optional[Plan]  # of its path, if it has one
    next = None                 # type: Optional[ApacheRequest]
    main = None                 # type: Optional[ApacheRequest]
    assbackwards = 0
    proxyreq = 0
    allowed = 0
    allowed_methods = ()        # type: Tuple[str, ...]
    allowed_xmethods = ()       # type: Tuple[str, ...]
    sent_bodyct = 0
    mtime = 0.0
    chunked = 0
    byterange = 0
    boundary = None
    clength = 0
    read_length = 0
    read_body = 0
    expecting_100 = 0
    content_language = None
    content_languages = ()      # type: Tuple[str, ...]
    vlist_validator = None
    phase = None                # type: Optional[str]
    interpreter = None          # type: Optional[str]
    used_path_info = 2
    eos_sent = 0
    is_error_page = False
    # Those that handlers may assign
    status = 200
    content_type = None         # type: Optional[str]
    content_encoding = None     # type: Optional[str]
    handler = None              # type: Optional[str]
    no_cache = 0
    no_local_copy = 0
    filename = None             # type: Any
    canonical_filename = None   # type: Any
    path_info = None            # type: Any
    spec = None                 # type: Any  # of the handler that runs
    is_lookup = False           # a sub-request whose content is not wanted yet
    user = None                 # type: Any
    ap_auth_type = None         # type: Any

    def __init__(self, environ, run, server, former=None):
        # type: (Dict[str, Any], Any, Server, Optional[ApacheRequest]) -> None
        own = vars(self)
        own['_environ'] = environ
        own['run'] = run
        own['server'] = server
        own['prev'] = former
        own['method'] = environ['REQUEST_METHOD']
        own['request_time'] = run.wall()
        own['unparsed_uri'] = environ['REQUEST_URI']
        own['uri'] = _decoded(environ['PATH_INFO'])
        own['args'] = environ['QUERY_STRING'] or None

    def __getattr__(self, name):
        made = MADE_LATE.get(name)
        if made is None:
            raise AttributeError('a request has no member %s' % name)
        value = made(self)
        vars(self)[name] = value
        return value

    @property
    def hlist(self):
        # type: () -> Optional[CurrentSpec]
        """The handler that runs; None before the first."""
        return None if self.spec is None else CurrentSpec(self.spec)

    @property
    def environ_path(self):
        # type: () -> str
        """The path of WSGI, with an octet in each character."""
        return self._environ['PATH_INFO']

    @property
    def adds(self):
        # type: () -> bool
        """True if add_handler was called."""
        return 'added' in vars(self)

    def has_cleanups(self):
        # type: () -> bool
        """True if something is called when the request is over."""
        return ('cleanups' in vars(self) or 'PythonCleanupHandler' in self.configured or
                self.adds and 'PythonCleanupHandler' in self.added)

    def __setattr__(self, name, value):
        if name in READ_ONLY:
            raise ReadOnlyMember('req.%s is read-only' % name)
        if name == 'user':
            self.connection.user = value
        elif name == 'ap_auth_type':
            self.connection.ap_auth_type = value
        object.__setattr__(self, name, value)

    @property
    def bytes_sent(self):
        # type: () -> int
        """Octets of the body that were sent."""
        return self.run.sent

    @property
    def status_line(self):
        # type: () -> Optional[str]
        """The status with its reason; None for a status without one."""
        known = STATUSES.get(self.status)
        return '%d %s' % (self.status, known[1]) if known else None

    @property
    def finfo(self):
        # type: () -> Any
        """The state of the file, as a tuple with names; None before there is a name."""
        known = vars(self).get('_finfo')
        if known is not None or self.filename is None:
            return known
        return file_info(self.filename)

    @finfo.setter
    def finfo(self, value):
        # type: (Any) -> None
        vars(self)['_finfo'] = value

    @property
    def useragent_ip(self):
        # type: () -> str
        """The client's address."""
        return self.connection.remote_ip

    @property
    def useragent_addr(self):
        # type: () -> Tuple[str, int]
        """The client's address and port."""
        return self.connection.remote_addr

    @property
    def _content_type_set(self):
        # type: () -> int
        return int(self.content_type is not None)

    # -- reading ---------------------------------------------------------------------------------

    def read(self, size=-1):
        # type: (int) -> bytes
        """At most *size* octets of the body, all of it if *size* is negative.

        Raises:   IOError: the client is gone, or too slow.
        """
        first = self._rest
        own = vars(self)
        if size is not None and 0 <= size <= len(first):
            own['_rest'] = first[size:]
            return first[:size]
        own['_rest'] = b''
        wanted = -1 if size is None or size < 0 else size - len(first)
        return first + self._counted(self._input().read(wanted))

    def _input(self):
        # type: () -> Any
        """The body, behind the filters if there are any."""
        found = vars(self).get('_filtered')
        if found is None:
            found = self.run.input_of(self, self._environ['wsgi.input'])
            vars(self)['_filtered'] = found
        return found

    def _counted(self, data):
        # type: (bytes) -> bytes
        own = vars(self)
        own['read_length'] = self.read_length + len(data)
        own['remaining'] = max(0, self.remaining - len(data))
        return data

    def readline(self, size=MAX_LINE):
        # type: (int) -> bytes
        """The next line of the body with its end, at most *size* octets."""
        if size is None or size < 0:
            size = MAX_LINE
        while b'\n' not in self._rest[:size] and len(self._rest) < size:
            data = self._counted(self._input().read(8192))
            if not data:
                break
            vars(self)['_rest'] = self._rest + data
        end = self._rest.find(b'\n', 0, size) + 1 or min(size, len(self._rest))
        line = self._rest[:end]
        vars(self)['_rest'] = self._rest[end:]
        return line

    def readlines(self, sizehint=-1):
        # type: (int) -> List[bytes]
        """All lines; no more once they have *sizehint* octets."""
        lines = []
        octets = 0
        while True:
            line = self.readline()
            if not line:
                return lines
            lines.append(line)
            octets += len(line)
            if 0 < sizehint <= octets:
                return lines

    # -- writing ---------------------------------------------------------------------------------

    def send_http_header(self):
        # type: () -> None
        """Sends the status and the header fields; the first write does so too."""
        self.run.send_headers(self)

    def write(self, data, flush=1):
        # type: (Any, int) -> None
        """Sends *data*: bytes, or on Python 3 a string, in UTF-8."""
        if not isinstance(data, bytes):
            if PY2 and not isinstance(data, str):
                data = data.encode('utf-8')
            elif isinstance(data, str):
                data = data.encode('utf-8')
            else:
                raise TypeError('req.write takes a string, not %s' % type(data).__name__)
        self.run.write(self, data, flush)

    def flush(self):
        # type: () -> None
        """Sends what is buffered."""
        self.run.flush(self)

    def sendfile(self, path, offset=0, length=-1):
        # type: (str, int, int) -> int
        """Sends a part of the file *path*; returns how many octets."""
        sent = 0
        with open(path, 'rb') as file:
            file.seek(offset)
            while length < 0 or sent < length:
                wanted = BLOCK_BYTES if length < 0 else min(BLOCK_BYTES, length - sent)
                data = file.read(wanted)
                if not data:
                    break
                self.write(data)
                sent += len(data)
        return sent

    def set_content_length(self, length):
        # type: (int) -> None
        """Sets Content-Length and ``clength``."""
        vars(self)['clength'] = length
        self.headers_out['Content-Length'] = '%d' % length

    # -- the configuration -----------------------------------------------------------------------

    def get_config(self):
        # type: () -> Table
        """The directives of Python that are in effect."""
        return python_directives(self.configured)

    def get_options(self):
        # type: () -> Table
        """The PythonOption values that are in effect."""
        return Table(self.configured.get('PythonOption', {}))

    def get_dirs(self):
        # type: () -> Table
        """directive -> folder of the section that has it."""
        found = Table()
        for phase in PHASES:
            for spec in self.configured.get(phase, ()):
                if spec.directory:
                    found[phase] = spec.directory
        return found

    def get_all_config(self):
        # type: () -> Table
        """As get_config, with what add_handler has added."""
        found = self.get_config()
        for phase, specs in self.added.items():
            former = found.get(phase)
            words = [former] if former else []
            found[phase] = ' '.join(words + [repr(spec) for spec in specs])
        return found

    get_all_dirs = get_dirs

    def hlist_of(self, phase):
        # type: (str) -> List[Any]
        """The handlers of a phase that the configuration or add_handler names."""
        configured = self.configured.get(phase, ())     # type: List[Any]
        if not self.adds:
            return configured
        return list(configured) + self.added.get(phase, [])

    def add_handler(self, phase, handler, directory=None):
        # type: (str, Any, Optional[str]) -> None
        """Adds a handler, "module::object" or a function, to a phase of this request that has not
        begun, or to the one that runs.

        Raises:   ValueError: no name of a phase.
        """
        if phase not in PHASES:
            raise ValueError('%s is not a valid handler' % (phase,))
        self.added.setdefault(phase, []).append(self.run.spec(handler, directory))

    def add_input_filter(self, name):
        # type: (str) -> None
        """Adds a filter of the body; before the first ``read``."""
        self.filter_names['Input'].append(name)

    def add_output_filter(self, name):
        # type: (str) -> None
        """Adds a filter of the response; before its first octet."""
        self.filter_names['Output'].append(name)

    def register_input_filter(self, name, handler, directory=None):
        # type: (str, Any, Optional[str]) -> None
        """Lets *name* be a filter of this request: "module::object", or a function."""
        self.filter_specs['Input'][name.upper()] = self.run.spec(handler, directory)

    def register_output_filter(self, name, handler, directory=None):
        # type: (str, Any, Optional[str]) -> None
        """As register_input_filter, for the response."""
        self.filter_specs['Output'][name.upper()] = self.run.spec(handler, directory)

    def get_addhandler_exts(self):
        # type: () -> str
        """The suffixes that AddHandler gives to mod_python, without their dots."""
        pairs = sorted(self.configured.get('AddHandler', {}).items())
        return ' '.join(suffix[1:] for suffix, name in pairs if name.startswith('mod_python'))

    def register_cleanup(self, function, data=None):
        # type: (Callable[[Any], Any], Any) -> None
        """Calls *function* with *data* when the request is over.

        Raises:   ValueError: not callable, or too many.
        """
        if not callable(function):
            raise ValueError('first argument must be a callable object')
        if len(self.cleanups) >= MAX_CLEANUPS:
            raise ValueError('a request has at most %d cleanups' % MAX_CLEANUPS)
        self.cleanups.append((function, data))

    # -- what the request says -------------------------------------------------------------------

    def get_basic_auth_pw(self):
        # type: () -> Optional[str]
        """The password of a Basic log-in; ``req.user`` is set then.  None if there is none."""
        name, password = basic_credentials(self.headers_in)
        if name is not None:
            self.user = name
            self.ap_auth_type = 'Basic'
        return password

    def get_remote_host(self, kind=1, str_is_ip=None):
        # type: (int, Any) -> Any
        """The client's address; None for REMOTE_HOST and REMOTE_DOUBLE_REV, as no names are looked
        up (HostnameLookups Off)."""
        address = self.connection.remote_ip
        if kind in (0, 3):          # REMOTE_HOST, REMOTE_DOUBLE_REV
            return None
        return (address, 1) if str_is_ip is not None else address

    def add_common_vars(self):
        # type: () -> None
        """Fills ``subprocess_env`` with the variables of CGI."""
        for name, value in self._environ.items():
            if name.isupper() and isinstance(value, str):
                self.subprocess_env[name] = value
        self.subprocess_env['SCRIPT_FILENAME'] = self.filename or ''
        self.subprocess_env['PATH_INFO'] = self.path_info or ''

    add_cgi_vars = add_common_vars

    def build_wsgi_env(self):
        # type: () -> Optional[Dict[str, Any]]
        """The environ of WSGI; None if the path is not below ``mod_python.wsgi.base_uri``."""
        base = self.get_options().get('mod_python.wsgi.base_uri', '')
        path = self.uri
        if not path.startswith(base) or base.endswith('/'):
            return None
        environ = dict(self._environ)
        octets = path if PY2 else path.encode('utf-8', 'surrogateescape').decode('latin-1')
        environ['SCRIPT_NAME'] = base
        environ['PATH_INFO'] = octets[len(base):]
        environ['wsgi.input'] = self._input()
        return environ

    def wsgi_start_response(self, status, headers, exc_info=None):
        # type: (str, Sequence[Tuple[str, str]], Any) -> Callable[..., None]
        """The ``start_response`` for an application; gives ``write``."""
        self.status = int(status.split(' ')[0])
        self.headers_out.clear()
        for name, value in headers:
            if name.lower() == 'content-type':
                self.content_type = value
            else:
                self.headers_out.add(name, value)
        return self.write

    def is_https(self):
        # type: () -> int
        """1 if the client came by TLS."""
        return int(self._environ.get('HTTPS') == 'on')

    def ssl_var_lookup(self, name):
        # type: (str) -> Optional[str]
        """The variable of TLS, of which there is HTTPS alone."""
        return 'on' if name == 'HTTPS' and self.is_https() else None

    def allow_methods(self, methods, reset=0):
        # type: (Sequence[str], int) -> None
        """Notes the methods for the field Allow of a 405."""
        former = () if reset else self.allowed_methods
        vars(self)['allowed_methods'] = tuple(former) + tuple(
            method for method in methods if method not in former)

    def requires(self):
        # type: () -> Tuple[str, ...]
        """The arguments of each Require, joined by blanks."""
        return tuple(' '.join(words) for words in self.configured.get('Require', ()))

    def auth_name(self):
        # type: () -> Optional[str]
        """The AuthName."""
        return self.configured.get('AuthName')

    def auth_type(self):
        # type: () -> Optional[str]
        """The AuthType."""
        return self.configured.get('AuthType')

    def document_root(self):
        # type: () -> str
        """The DocumentRoot."""
        return self.configured.get('DocumentRoot', '')

    def construct_url(self, uri):
        # type: (str) -> str
        """The absolute URL of a path on this server."""
        scheme = 'https' if self.is_https() else 'http'
        host = self.headers_in.get('Host') or self.server.server_hostname
        usual = ':443' if scheme == 'https' else ':80'
        if host.endswith(usual):
            host = host[:-len(usual)]
        return '%s://%s%s' % (scheme, host, uri)

    def log_error(self, message, level=3):
        # type: (str, int) -> None
        """Writes to the log."""
        log_error(message, level)

    def internal_redirect(self, uri):
        # type: (str) -> None
        """Answers with what the path *uri* of this server gives."""
        self.run.redirect(self, uri)

    def lookup_uri(self, uri):
        # type: (str) -> ApacheRequest
        """A sub-request for a path of this server: the status that it has, its file and its type.

        Its ``main`` is this request, and ``run_content()`` writes it into the response.
        """
        return self.run.lookup(self, uri)

    def run_content(self):
        # type: () -> int
        """Writes the content of this sub-request into the response; the result of its handler."""
        return self.run.run_content(self)

    def discard_request_body(self):
        # type: () -> int
        """Reads and drops the body."""
        while self.read(BLOCK_BYTES):
            pass
        return OK

    def meets_conditions(self):
        # type: () -> int
        """OK, or 304 if the client's If-None-Match or If-Modified-Since hold."""
        wanted = self.headers_in.get('If-None-Match')
        etag = self.headers_out.get('ETag')
        if wanted is not None and etag is not None:
            words = [word.strip() for word in wanted.split(',')]
            return 304 if '*' in words or etag in words else OK
        since = self.headers_in.get('If-Modified-Since')
        changed = self.headers_out.get('Last-Modified')
        return 304 if since is not None and since == changed else OK

    def set_last_modified(self):
        # type: () -> None
        """Sets Last-Modified of ``mtime``."""
        self.headers_out['Last-Modified'] = native(format_date(self.mtime))

    def update_mtime(self, seconds):
        # type: (float) -> None
        """Sets ``mtime`` if *seconds* since 1970 are later."""
        vars(self)['mtime'] = max(self.mtime, seconds)

    def set_etag(self):
        # type: () -> None
        """Sets ETag of the file."""
        if self.filename and os.path.exists(self.filename):
            state = os.stat(self.filename)
            nanoseconds = getattr(state, 'st_mtime_ns', int(state.st_mtime * 1e9))
            self.headers_out['ETag'] = '"%x-%x"' % (state.st_size, nanoseconds // 1000)

    def child_terminate(self):
        # type: () -> None
        """Does nothing: no process serves this request alone."""

    def __repr__(self):
        return '<ApacheRequest %s>' % self.the_request


def _connection(request):
    # type: (ApacheRequest) -> Connection
    if request.prev is not None:
        return request.prev.connection
    return Connection(request._environ, request.server)


def _headers_in(request):
    # type: (ApacheRequest) -> Table
    return _fields(request._environ) if request.prev is None else request.prev.headers_in


def _protocol(request):
    # type: (ApacheRequest) -> str
    return request._environ['SERVER_PROTOCOL']


def _the_request(request):
    # type: (ApacheRequest) -> str
    return '%s %s %s' % (request.method, request.unparsed_uri, _protocol(request))


def _proto_num(request):
    # type: (ApacheRequest) -> int
    return 1000 + (0 if _protocol(request) == 'HTTP/1.0' else 1)


def _hostname(request):
    # type: (ApacheRequest) -> Optional[str]
    return request._environ.get('HTTP_HOST', '').partition(':')[0] or None


def _parsed_uri(request):
    # type: (ApacheRequest) -> Tuple[Any, ...]
    return (None, None, None, None, None, None, request._environ['PATH_INFO'], request.args, None)


def _new_table(_request):
    # type: (ApacheRequest) -> Table
    return Table()


def _new_list(_request):
    # type: (ApacheRequest) -> List[Any]
    return []


def _new_dict(_request):
    # type: (ApacheRequest) -> Dict[Any, Any]
    return {}


# Members that are made when they are first asked for
MADE_LATE = {
    'added': _new_dict,             # phase -> handlers of add_handler
    'cleanups': _new_list,
    'filter_names': lambda request: {'Input': [], 'Output': []},
    'filter_specs': lambda request: {'Input': {}, 'Output': {}},
    'connection': _connection,
    'headers_in': _headers_in,
    'headers_out': _new_table,
    'err_headers_out': _new_table,
    'subprocess_env': _new_table,
    'notes': _new_table,
    'protocol': _protocol,
    'proto_num': _proto_num,
    'the_request': _the_request,
    'header_only': lambda request: int(request.method == 'HEAD'),
    'hostname': _hostname,
    'method_number': lambda request: METHODS.get(request.method, METHODS['INVALID']),
    'range': lambda request: request._environ.get('HTTP_RANGE'),
    'remaining': lambda request: _length(request._environ),
    'read_chunked': lambda request: int('HTTP_TRANSFER_ENCODING' in request._environ),
    'parsed_uri': _parsed_uri,
}                           # type: Dict[str, Callable[[ApacheRequest], Any]]


def _decoded(path):
    # type: (str) -> str
    """A path of WSGI as text in UTF-8; octets that are none become surrogates, as in file names."""
    return path if PY2 else path.encode('latin-1').decode('utf-8', 'surrogateescape')


def _length(environ):
    # type: (Dict[str, Any]) -> int
    text = environ.get('CONTENT_LENGTH') or '0'
    return int(text) if text.isdigit() else 0


def _fields(environ):
    # type: (Dict[str, Any]) -> Table
    """The header fields, by the names that the variables have."""
    found = Table()
    for name, value in environ.items():
        if name.startswith('HTTP_'):
            found.add('-'.join(part.capitalize() for part in name[5:].split('_')), value)
        elif name in ('CONTENT_TYPE', 'CONTENT_LENGTH') and value:
            found.add('-'.join(part.capitalize() for part in name.split('_')), value)
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.services.modpython.requestplan import Plan
