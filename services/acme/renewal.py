# Copyright the carryall authors.  See LICENSE.
"""Renewal: certificates that are there when they are needed, and new ones in time (WEB-18, HTS-19).

    renewal = Renewal(loop, settings, reload)
    renewal.prepare()           a certificate to start with, in the folder
    renewal.start()             asks the authority when it is time; reload() after each success

States:   WAITING (for the time of a renewal) -> ASKING -> WAITING, or BACKING_OFF after a failure.
Times:    a certificate is renewed when a third of its life is left.  After a failure the next
          attempt waits a minute, then twice as long each time, up to half a day.  The authority may
          ask for a longer wait, up to a week.  A new certificate of which less than a third is left
          counts as a failure: a clock is wrong.  Each wait is longer by up to a tenth, by chance,
          so that many servers do not ask at once.
Tests:    tests/services/acme/test_renewal.py, acceptance/cases/web_acme.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import civil
from carryall.core.compat import FAILURES
from carryall.core.crypto import crypto_of
from carryall.core.errors import CarryallError
from carryall.core.future import Return, coroutine
from carryall.core.logs import get_logger
from carryall.core.records import Record, names_of
from carryall.core.tls import TLSContext, p256, pem
from carryall.core.tls.authority import new_key
from carryall.core.tls.certificates import parse
from carryall.protocols.http.client import HTTPClient, Timeouts
from carryall.protocols.http.client import Settings as ClientSettings
from carryall.services.acme.acmeclient import ACMEClient
from carryall.services.acme.acmefolder import ACMEFolder
from carryall.services.acme.challenges import ALPN_01, AlpnChallenges, HttpChallenges
from carryall.services.acme.errors import ACMEError
from carryall.services.acme.jws import AccountKey

__all__ = ['ASKING', 'BACKING_OFF', 'Renewal', 'RenewalSettings', 'WAITING']

# -- limits ------------------------------------------------------------------
LEFT = 1.0 / 3              # of the life of a certificate, when it is renewed
FIRST_WAIT = 60.0           # seconds after the first failure
LONGEST_WAIT = 43200.0      # seconds after many failures
LONGEST_ASKED = 7 * 86400.0     # seconds that the authority may ask for after a failure
LONGEST_LOOK = 86400.0      # seconds until the certificate is looked at again
JITTER = 0.1                # of a wait, at the most
REQUEST_SECONDS = 60.0      # of one request to the authority

WAITING = 'waiting'
ASKING = 'asking'
BACKING_OFF = 'backing off'

log = get_logger('acme')


class RenewalSettings(Record):
    """Certificates of one authority, each for some names."""

    rows = (
        ('directory', u'', u'URL of the directory of the authority'),
        ('folder', u'', u'path of the folder of the account and the certificates'),
        ('names', (), u'tuples of names, one tuple for each certificate'),
        ('challenge', ALPN_01, u'http-01 or tls-alpn-01'),
        ('contact', (), u'URLs, such as mailto:, for the account'),
        ('trust', None, u'PEM file of the authorities of the directory; None: of the machine'),
    )
    __slots__ = names_of(rows)


class Renewal(object):
    """The certificates of one service.

    Args:     loop: the loop.
              settings: a RenewalSettings.
              reload: called when the files have changed.

    Attributes:
        state: see above.
        challenges: HttpChallenges or AlpnChallenges, which the listeners show.
        failures: attempts that have failed since the last success.
    """

    def __init__(self, loop, settings, reload):
        # type: (Any, RenewalSettings, Callable[[], None]) -> None
        self.state = WAITING
        self.failures = 0
        self.challenges = AlpnChallenges(loop.wall) if settings.challenge == ALPN_01 \
            else HttpChallenges()       # type: Any
        self._loop = loop
        self._settings = settings
        self._reload = reload
        self._folder = None         # type: Any
        self._reason = u''
        self._next = 0.0            # seconds since 1970
        self._timer = None          # type: Any
        self._asked = None          # type: Any
        self._closed = False

    def prepare(self):
        # type: () -> None
        """Makes the folder, and a provisional certificate for each list of names without one.

        Raises:   UsageError: the folder cannot be used.
        """
        with self._loop.file_user:
            self._folder = ACMEFolder(self._settings.folder)
            for names in self._settings.names:
                self._folder.provide(names, self._loop.wall())

    def start(self):
        # type: () -> None
        """Looks at the certificates, soon and from time to time."""
        self._schedule(0.0)

    def close(self):
        # type: () -> None
        """Ends that."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._asked is not None:
            self._asked.cancel()

    def status(self):
        # type: () -> List[str]
        """A line for each certificate."""
        lines = []
        for names in self._settings.names:
            found = self._folder.certificate(names)
            if found is None or _is_provisional(found):
                said = u'no certificate yet'
            else:
                said = u'valid until %s' % _moment(found.not_after)
            if self.state == ASKING:
                said += u', the authority is asked'
            elif self.state == BACKING_OFF:
                said += u', %d attempts failed (%s), the next at %s' % (
                    self.failures, self._reason, _moment(self._next))
            else:
                said += u', looked at again at %s' % _moment(self._next)
            lines.append(u'%s: %s' % (u', '.join(names), said))
        return lines

    # -- when --------------------------------------------------------------------------------------

    def _schedule(self, seconds):
        # type: (float) -> None
        seconds += seconds * JITTER * _chance(self._loop)
        self._next = self._loop.wall() + seconds
        self._timer = self._loop.call_later(seconds, self._look)

    def _due(self):
        # type: () -> List[Sequence[str]]
        """The lists of names whose certificate must be renewed now."""
        now = self._loop.wall()
        return [names for names in self._settings.names if self._left(names, now) <= 0]

    def _left(self, names, now):
        # type: (Sequence[str], float) -> float
        """Seconds until the renewal of a certificate; 0 if that is due."""
        found = self._folder.certificate(names)
        if found is None or _is_provisional(found):
            return 0.0
        life = found.not_after - found.not_before
        return found.not_after - life * LEFT - now      # type: ignore

    def _look(self):
        # type: () -> None
        due = self._due()
        if not due:
            self._wait()
            return
        self.state = ASKING
        self._asked = self._renew(due)
        self._asked.add_done_callback(self._asked_for)

    def _wait(self):
        # type: () -> None
        """Waits for the next renewal."""
        now = self._loop.wall()
        self.state = WAITING
        left = [self._left(names, now) for names in self._settings.names]
        self._schedule(max(1.0, min(left + [LONGEST_LOOK])))
        for line in self.status():
            log.info('certificate for %s', line)

    def _asked_for(self, done):
        # type: (Any) -> None
        self._asked = None
        if self._closed:
            return
        error = done.exception()
        if error is None:
            self.failures = 0
            self._wait()
            return
        self.failures += 1
        self.state = BACKING_OFF
        self._reason = u'%s' % (error,)
        wait = min(FIRST_WAIT * 2 ** min(self.failures - 1, 20), LONGEST_WAIT)
        asked = min(getattr(error, 'retry_after', None) or 0.0, LONGEST_ASKED)
        self._schedule(max(wait, asked))
        for line in self.status():
            log.error('certificate for %s', line)

    # -- how ---------------------------------------------------------------------------------------

    @coroutine
    def _renew(self, due):
        # type: (List[Sequence[str]]) -> Any
        """Gets the certificates; raises the error of the first that fails."""
        settings = self._settings
        http = HTTPClient(self._loop, ClientSettings(timeouts=Timeouts(total=REQUEST_SECONDS)),
                          tls=TLSContext(trust=settings.trust))
        try:
            key = AccountKey(self._folder.account_key())
            client = ACMEClient(self._loop, http, settings.directory, key,
                                self._folder.account(settings.directory))
            for names in due:
                private, key_pem = yield self._loop.run_in_thread(new_key)
                try:
                    chain = yield client.certificate(names, private, self.challenges,
                                                     settings.contact)
                finally:
                    self._folder.keep_account(settings.directory, client.account)
                _check(chain, names, private, self._loop.wall())
                self._folder.keep_certificate(names, key_pem, chain)
                self._reload()
                if self._left(names, self._loop.wall()) <= 0:
                    raise ACMEError(u'the new certificate is due for renewal already: is the '
                                    u'clock right?')
        except (IOError, OSError) as exc:
            raise CarryallError(u'the folder %s cannot be written: %s' % (settings.folder, exc))
        finally:
            http.close()
        raise Return(None)


def _check(chain, names, private, now):
    # type: (bytes, Sequence[str], int, float) -> None
    """Raises ACMEError for a certificate that is not the one that was asked for."""
    found = pem.certificates(chain)
    if not found:
        raise ACMEError(u'the authority has sent no certificate')
    try:
        certificate = parse(found[0])
    except FAILURES as exc:
        raise ACMEError(u'the certificate of the authority cannot be read: %s' % exc)
    if not set(names) <= set(certificate.names):
        raise ACMEError(u'the certificate is not for %s' % u', '.join(names))
    if p256.point_octets(p256.public_point(private)) not in found[0]:
        raise ACMEError(u'the certificate is for another key')
    if certificate.not_after <= now:
        raise ACMEError(u'the certificate has expired')


def _is_provisional(certificate):
    # type: (Any) -> bool
    """True for one that signs itself."""
    return bool(certificate.subject == certificate.issuer)


def _moment(seconds):
    # type: (float) -> str
    return u'%04d-%02d-%02d %02d:%02d UTC' % civil(seconds)[:5]


def _chance(loop):
    # type: (Any) -> float
    """From 0 to 1."""
    return ord(crypto_of(loop).random(1)) / 255.0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Sequence
